public import HTTPPipeline
import Synchronization

extension Exchange {
    /// The entity tag that the conditions of this request were found to hold for; nil when the request has no conditions that
    /// were evaluated, or the resource has no tag.
    ///
    /// A handler that writes compares once more, in the statement that writes: `UPDATE ... WHERE version = ?`. That is what
    /// keeps an update on another node, or past the API, from being lost. Where the tag is the version it has all it needs;
    /// where the tag is a digest ``evaluated`` leads to what it was made of.
    public var evaluatedTag: EntityTag? {
        self[EvaluationKey.self]?.tag
    }

    /// This exchange as it was when its conditions were evaluated; nil when it has none, and when the handler has returned.
    ///
    /// Values that were memoized for it are those that the tag was made of, whatever middleware further in has changed.
    public var evaluated: Exchange? {
        self[EvaluationKey.self]?.exchange
    }
}

enum EvaluationKey: AttributeKey {
    typealias Value = Evaluation
}

/// A place for what was evaluated. It is on the exchange before that happens: putting it there afterwards would make it another
/// exchange, for which memoized values are computed anew.
final class Evaluation: Sendable {
    private let state = Mutex<(tag: EntityTag?, exchange: Exchange)?>(nil)

    var tag: EntityTag? { state.withLock { $0?.tag } }
    var exchange: Exchange? { state.withLock { $0?.exchange } }

    /// The conditions were found to hold.
    func hold(_ exchange: Exchange, tag: EntityTag?) {
        state.withLock { $0 = (tag, exchange) }
    }

    func end() {
        state.withLock { $0 = nil }
    }
}
