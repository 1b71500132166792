import HTTPPipeline
import HTTPTypes
import Synchronization

/// The keys that a constructor made last, with what it made them of.
///
/// Requests repeat themselves: of what is asked for often the text of the key is neither written nor digested again. Finding a
/// key costs a small part of making it, and not finding one adds as much to that.
final class RecentKeys: Sendable {
    private struct Made {
        let inputs: KeyInputs
        let key: CacheKey
    }

    /// A place for one key.
    private final class Place: Sendable {
        let made = Mutex<Made?>(nil)
    }

    private let places = (0..<RecentKeys.count).map { _ in Place() }

    /// A power of two, so that a place is picked by a mask.
    private static let count = 64

    /// The key for an exchange, made now unless it was made lately.
    func key(for exchange: Exchange, make: () -> CacheKey) -> CacheKey {
        let target = exchange.request.path
        let place = places[Self.hash(target) & (Self.count - 1)]
        // Nobody waits here: whoever finds the place taken makes the key.
        let found = place.made.withLockIfAvailable { made -> CacheKey? in
            guard let made, made.inputs.equal(exchange, target: target) else { return nil }
            return made.key
        }
        if let key = found ?? nil { return key }
        let key = make()
        let inputs = KeyInputs(exchange)
        if inputs.isWorthKeeping {
            let new = Made(inputs: inputs, key: key)
            // What was here before is released outside the lock.
            _ = place.made.withLockIfAvailable { made -> Made? in
                let old = made
                made = new
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
