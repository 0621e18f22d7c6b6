//! What offers, participations and sources refuse.

use leadbourse_core::codes;

codes! {
    OFFER_NOTHING_TO_SUBMIT: Conflict = "There is no draft to be reviewed.";
    OFFER_UNCHANGED: Invalid = "Neither the name nor the terms would change.";
    PAUSED_BY_OPERATOR: Conflict = "An operator paused this offer; ask them to resume it.";
    NOTE_REQUIRED: Invalid = "Say why, so that the other side can mend it.";
    PARTICIPATION_NOT_NEEDED: Conflict = "The offer is public: sell to it without asking.";
    ALREADY_APPLIED: Conflict = "There is a participation in this offer already.";
    NO_SUCH_PUBLISHER: Invalid = "There is no active publisher with this id.";
    TARGET_NOT_VISIBLE: Invalid = "There is no offer with this id that the source may sell to.";
    FALLBACK_WITHOUT_TARGET: Invalid = "Only a source with a target falls back, and not to the target.";
    SOURCE_REFUSED: Conflict = "The source was refused; make a new one.";
}
