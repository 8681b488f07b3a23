//! What a member asks the branch to do about the own record (申请), and how it is answered.
use crate::words;

words! {
    /// What is asked for.
    pub enum RequestKind {
        /// 更正: something in the record is wrong.
        Correction = "correction",
        /// 删除: something should not be kept.
        Erasure = "erasure",
        /// 更换手机号码: the old number stays until the branch has confirmed the new one.
        Phone = "phone",
    }
}

words! {
    /// Where a request stands.
    pub enum RequestState {
        /// Not answered yet.
        Open = "open",
        /// Done as asked.
        Done = "done",
        /// Not done, for a reason.
        Declined = "declined",
        /// Taken back: the member has asked for something else instead.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// How a request is answered.
    pub enum RequestOutcome {
        /// Done as asked.
        Done = "done",
        /// Not done; needs a reason.
        Declined = "declined",
    }
}

/// Why an answer can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    /// It was answered or taken back before.
    #[error("the request is not open any more")]
    NotOpen,
    /// Nobody is turned down without being told why.
    #[error("a request is declined for a reason")]
    WithoutReason,
}

/// What an open request becomes by an answer.
///
/// # Errors
/// When it is not open, or is declined without a reason.
pub const fn answered(
    state: RequestState,
    outcome: RequestOutcome,
    has_reason: bool,
) -> Result<RequestState, NotAnswered> {
    match (state, outcome) {
        (RequestState::Open, RequestOutcome::Done) => Ok(RequestState::Done),
        (RequestState::Open, RequestOutcome::Declined) if has_reason => Ok(RequestState::Declined),
        (RequestState::Open, RequestOutcome::Declined) => Err(NotAnswered::WithoutReason),
        _ => Err(NotAnswered::NotOpen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_request_is_answered_once_and_declined_for_a_reason() {
        for state in RequestState::ALL.iter().copied() {
            let open = state == RequestState::Open;
            let done = answered(state, RequestOutcome::Done, false);
            assert_eq!(
                done,
                if open {
                    Ok(RequestState::Done)
                } else {
                    Err(NotAnswered::NotOpen)
                }
            );
            let declined = answered(state, RequestOutcome::Declined, true);
            assert_eq!(declined.is_ok(), open);
        }
        let bare = answered(RequestState::Open, RequestOutcome::Declined, false);
        assert_eq!(bare, Err(NotAnswered::WithoutReason));
    }
}
