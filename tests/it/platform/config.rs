//! The program and its environment.

use std::process::{Command, Output};

fn config_print(variable: &str, value: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_leadbourse"))
        .args(["config", "print"])
        .env_remove("LEADBOURSE_CONFIG")
        .env(variable, value)
        .output()
        .unwrap()
}

#[test]
fn a_variable_that_is_no_setting_is_refused_by_its_name() {
    for (variable, value) in [
        ("LEADBOURSE_SERVER__BINDD", "127.0.0.1:1"),
        ("LEADBOURSE_SHARED", "/tmp"),
        ("LEADBOURSE_TEST_PG", "postgres://"),
        ("LEADBOURSE_DATA", "/tmp"),
    ] {
        let output = config_print(variable, value);
        assert!(!output.status.success(), "{variable} was passed over");
        let said = String::from_utf8(output.stderr).unwrap();
        let name = variable.rsplit("__").next().unwrap().trim_start_matches("LEADBOURSE_");
        assert!(said.to_lowercase().contains(&name.to_lowercase()), "{variable}: {said}");
    }
}

#[test]
fn settings_and_the_command_lines_own_variables_are_taken() {
    let output = config_print("LEADBOURSE_MONEY__TAKE_RATE_BPS", "1234");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().contains("1234"));
    assert!(config_print("LEADBOURSE_PASSWORD", "correct horse battery").status.success());
    assert!(config_print("LB_TEST_PG", "postgres://").status.success());
}
