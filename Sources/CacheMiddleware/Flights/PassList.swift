import DequeModule
import KeyConstructor

/// The keys whose answers have lately been of no use to others, so that waiting for them is in vain.
///
/// The list is bounded: the oldest key makes room.
struct PassList {
    static let limit = 4096

    private var moments: [CacheKey: Duration] = [:]
    /// Each insertion. What was inserted again since is there once more, and what was removed still.
    private var order: Deque<(key: CacheKey, until: Duration)> = []

    /// How many keys are on the list, or were until their time was over.
    var count: Int { moments.count }

    /// Whether a key is on the list at a moment.
    mutating func contains(_ key: CacheKey, at moment: Duration) -> Bool {
        guard let until = moments[key] else { return false }
        if moment < until { return true }
        moments[key] = nil
        return false
    }

    mutating func insert(_ key: CacheKey, until moment: Duration) {
        guard moments.updateValue(moment, forKey: key) != moment else { return }
        order.append((key, moment))
        while order.count > Self.limit, let oldest = order.popFirst() {
            if moments[oldest.key] == oldest.until { moments[oldest.key] = nil }
        }
    }

    mutating func remove(_ key: CacheKey) {
        moments[key] = nil
    }
}
