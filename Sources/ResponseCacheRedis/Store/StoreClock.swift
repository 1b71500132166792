import CacheMiddleware
import NIOCore
import RedisTransport

/// The value of the key `clock` in Redis.
///
/// | bytes | |
/// |---|---|
/// | 8 | the number of the latest purge |
/// | 8 | the epoch: a digest, unique to each restart of the numbering |
/// | 16 | the first digits of the run ID of the server that issued the numbers |
///
/// Numbers are big-endian.
struct StoreClock: Hashable {
    /// The number of the latest purge.
    let number: UInt64
    /// The epoch of the number. Numbers of different epochs are not comparable.
    let epoch: UInt64

    private static let byteCount = 32

    /// The number of bits of a mark that hold the number, in microseconds since 1970. It overflows in the year 2255.
    private static let numberBitCount: UInt64 = 53

    /// Decodes the value of the key. Returns nil if it is missing or damaged.
    init?(_ value: RESPValue) {
        guard case .bytes(var bytes) = value, bytes.readableBytes == Self.byteCount,
            let (number, epoch) = bytes.readMultipleIntegers(as: (UInt64, UInt64).self)
        else { return nil }
        self.number = number
        self.epoch = epoch
    }

    /// The position in the order of purges: the number and some bits of the epoch.
    var mark: PurgeMark { PurgeMark(rawValue: epoch << Self.numberBitCount | number) }

    /// Returns the number and the epoch bits of a mark as decimal digits, for the scripts.
    static func digits(of mark: PurgeMark?) -> (number: String, epoch: String) {
        guard let mark else { return ("", "") }
        return (
            String(mark.rawValue & (1 << numberBitCount - 1)), String(mark.rawValue >> numberBitCount)
        )
    }
}
