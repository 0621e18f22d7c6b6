//! What niches refuse.

use leadbourse_core::codes;

codes! {
    NICHE_EXISTS: Conflict = "A niche with this slug is there already.";
    NICHE_ARCHIVED: Conflict = "The niche is archived: nothing new may be made in it.";
    NO_SUCH_PACK: Invalid = "There is no ready-made niche of this name.";
    NICHE_UNCHANGED: Invalid = "The new version would be the same as the current one.";
}
