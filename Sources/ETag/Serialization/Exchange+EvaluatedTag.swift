public import HTTPPipeline
import Synchronization

extension Exchange {
    /// The entity tag that the conditions of this request were found to hold for; nil when the request has no conditions that
    /// were evaluated, or the resource has no tag.
    ///
    /// A handler that writes compares with it once more, in the statement that writes: `UPDATE ... WHERE version = ?`. That is
    /// what keeps an update on another node, or past the API, from being lost. Keys and other values that are memoized for the
    /// request are still those of the evaluation when the handler runs.
    public var evaluatedTag: EntityTag? {
        self[EvaluatedTagKey.self]?.tag
    }
}

enum EvaluatedTagKey: AttributeKey {
    typealias Value = EvaluatedTag
}

/// A place for the tag. It is on the exchange before the tag is evaluated: putting it there afterwards would make it another
/// exchange, for which memoized values are computed anew.
final class EvaluatedTag: Sendable {
    private let storage = Mutex<EntityTag?>(nil)

    var tag: EntityTag? {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
