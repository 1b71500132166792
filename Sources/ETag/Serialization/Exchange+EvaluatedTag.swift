public import HTTPPipeline
import Synchronization

extension Exchange {
    /// The entity tag for which the conditions of this request hold; nil if the request has no evaluated conditions, or
    /// the resource has no tag.
    ///
    /// A handler that writes compares the tag again in the statement that writes: `UPDATE ... WHERE version = ?`. This
    /// prevents the loss of an update on another node, or of one that bypasses the API. If the tag is the version, the
    /// handler needs nothing else; if the tag is a digest, ``evaluated`` provides the values from which it was
    /// computed.
    public var evaluatedTag: EntityTag? {
        self[EvaluationKey.self]?.tag
    }

    /// This exchange as it was when its conditions were evaluated; nil if it has no conditions, and after the handler
    /// has returned.
    ///
    /// Values memoized for it are those from which the tag was computed, even if an inner middleware has changed the
    /// exchange.
    public var evaluated: Exchange? {
        self[EvaluationKey.self]?.exchange
    }
}

enum EvaluationKey: AttributeKey {
    typealias Value = Evaluation
}

/// A holder for the evaluated exchange and its tag. It is added to the exchange before the evaluation: adding it
/// afterwards would create another exchange, whose memoized values would be recomputed.
final class Evaluation: Sendable {
    private let state = Mutex<(tag: EntityTag?, exchange: Exchange)?>(nil)

    var tag: EntityTag? { state.withLock { $0?.tag } }
    var exchange: Exchange? { state.withLock { $0?.exchange } }

    /// Records that the conditions hold for an exchange.
    func hold(_ exchange: Exchange, tag: EntityTag?) {
        state.withLock { $0 = (tag, exchange) }
    }

    func end() {
        state.withLock { $0 = nil }
    }
}
