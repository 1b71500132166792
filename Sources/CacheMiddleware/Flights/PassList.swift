import DequeModule
import KeyConstructor

/// The keys whose recent responses were not shareable, so that their requests do not wait for each other.
///
/// The list is bounded: a new key replaces the oldest.
struct PassList {
    static let limit = 4096

    private var moments: [CacheKey: Duration] = [:]
    /// Every insertion, also of keys that were inserted again or removed since.
    private var order: Deque<(key: CacheKey, until: Duration)> = []

    /// The number of keys on the list, some of which may be past their moment.
    var count: Int { moments.count }

    /// Returns whether a key is on the list at a moment.
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
