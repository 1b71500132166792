import HTTPPipeline
import HTTPTypes
import Synchronization

/// A cache of the keys that a constructor computed most recently.
///
/// It compares exactly the inputs that the constructor's bits declare. A constructor that reads an input which ``KeyInputs`` cannot
/// compare has no such cache. A hit costs a small part of computing the key; a miss adds as much to that.
final class RecentKeys: Sendable {
    private struct Computed {
        let inputs: KeyInputs
        let key: CacheKey
    }

    /// A slot for one key.
    private final class Slot: Sendable {
        let computed = Mutex<Computed?>(nil)
    }

    private let inputs: [KeyInputs.Compared]
    private let slots = (0..<RecentKeys.count).map { _ in Slot() }

    /// The number of slots: a power of two, so that a mask selects the slot.
    private static let count = 64

    /// Creates a cache for the declared inputs.
    ///
    /// It returns nil if an input cannot be compared, or if the target is not among the inputs: computing a short key costs less than
    /// finding it.
    init?(comparing inputs: ExchangeInputs) {
        guard inputs.isSuperset(of: .target), let inputs = KeyInputs.comparisons(of: inputs) else { return nil }
        self.inputs = inputs
    }

    /// Returns the key for an exchange, and computes it if it is not cached.
    func key(for exchange: Exchange, compute: () -> CacheKey?) -> CacheKey? {
        let slot = slots[Self.hash(exchange.request.path) & (Self.count - 1)]
        // A caller that finds the slot locked computes the key instead of waiting.
        let found = slot.computed.withLockIfAvailable { computed -> CacheKey? in
            guard let computed, computed.inputs.equal(inputs, of: exchange) else { return nil }
            return computed.key
        }
        if let key = found ?? nil { return key }
        guard let key = compute() else { return nil }
        let values = KeyInputs(inputs, of: exchange)
        if values.isWorthKeeping {
            let new = Computed(inputs: values, key: key)
            // The previous key is released outside of the lock.
            _ = slot.computed.withLockIfAvailable { computed -> Computed? in
                let old = computed
                computed = new
                return old
            }
        }
        return key
    }

    private static func hash(_ target: String?) -> Int {
        guard let target else { return 0 }
        let hash = target.utf8.withContiguousStorageIfAvailable { bytes in
            var hash = bytes.count
            for byte in bytes { hash = hash &* 31 &+ Int(byte) }
            return hash
        }
        return hash ?? target.utf8.count
    }
}
