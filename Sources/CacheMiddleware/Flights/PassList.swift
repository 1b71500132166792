import DequeModule
import KeyConstructor

/// The keys whose answers have lately been of no use to others, so that waiting for them is in vain.
///
/// The list is bounded: the oldest key makes room.
struct PassList {
    private static let limit = 4096

    private var moments: [CacheKey: Int64] = [:]
    private var order: Deque<CacheKey> = []

    /// Whether a key is on the list at a moment.
    mutating func contains(_ key: CacheKey, at moment: Int64) -> Bool {
        guard let until = moments[key] else { return false }
        if moment < until { return true }
        moments[key] = nil
        return false
    }

    mutating func insert(_ key: CacheKey, until moment: Int64) {
        if moments.updateValue(moment, forKey: key) == nil { order.append(key) }
        while order.count > Self.limit, let oldest = order.popFirst() { moments[oldest] = nil }
    }

    mutating func remove(_ key: CacheKey) {
        moments[key] = nil
    }
}
