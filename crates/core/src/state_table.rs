//! For tests of state machines: the whole table of a machine, written down once more as data.

use std::fmt::Debug;

use crate::error::{INVALID_STATE, Problem};

/// Proves that a machine takes exactly these steps and refuses every other one as `INVALID_STATE`.
pub fn proves<S, C>(
    (states, commands): (&[S], &[C]),
    apply: impl Fn(S, C) -> Result<S, Problem>,
    steps: &[(S, C, S)],
) where
    S: Copy + PartialEq + Debug,
    C: Copy + PartialEq + Debug,
{
    for state in states {
        for command in commands {
            let step = steps.iter().find(|(from, by, _)| from == state && by == command);
            let expected = step.map(|(_, _, to)| *to).ok_or(INVALID_STATE);
            let got = apply(*state, *command).map_err(|problem| problem.code);
            assert_eq!(got, expected, "{state:?} × {command:?}");
        }
    }
}
