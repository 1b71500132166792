import Synchronization

/// When the data changed last, as the readers of this process see it: microseconds since 1970, in memory.
///
/// It only grows, so a key that holds it never comes back.
final class UpdatedAt: Sendable {
    private struct Stamp {
        var microseconds: Int64
        /// Made when the stamp changes rather than for every key.
        var text: String
    }

    private let stamp: Mutex<Stamp>

    init(microseconds: Int64) {
        stamp = Mutex(Stamp(microseconds: microseconds, text: String(microseconds)))
    }

    /// The stamp as it goes into keys.
    var text: String {
        stamp.withLock { $0.text }
    }

    /// Makes a stamp visible to readers. An older one than the present changes nothing.
    func publish(microseconds: Int64) {
        stamp.withLock { stamp in
            guard microseconds > stamp.microseconds else { return }
            stamp = Stamp(microseconds: microseconds, text: String(microseconds))
        }
    }
}
