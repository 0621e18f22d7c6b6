//! What accounts refuse.

use leadbourse_core::codes;

codes! {
    BAD_CREDENTIALS: Unauthenticated = "The e-mail or the password is wrong.";
    BAD_API_KEY: Unauthenticated = "The API key is unknown, revoked, or not allowed from here.";
    EMAIL_TAKEN: Invalid = "Somebody signs in with this e-mail already.";
    ALREADY_MEMBER: Conflict = "This person is a member already.";
    LAST_OWNER: Conflict = "An organization needs somebody who may manage it.";
    ROLE_NOT_HERE: Invalid = "Organizations of this kind do not have this role.";
    SCOPE_NOT_ALLOWED: Invalid = "The role does not allow this scope.";
    TOO_MANY_KEYS: Conflict = "There are too many live keys; revoke one first.";
    ORGANIZATION_NOT_ACTIVE: Conflict = "The organization has to be approved and active for this.";
    OPERATOR_BY_SIGN_UP: Invalid = "Operators are made on the command line or by an administrator.";
    OPERATOR_NOT_DECIDED: Invalid = "The operator's own organization can't be decided on.";
}
