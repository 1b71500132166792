import CacheMiddleware
import NIOCore

/// The value of the key `clock` in the server.
///
/// | bytes | |
/// |---|---|
/// | 8 | the number of the latest purge |
/// | 8 | the epoch: a digest that no other beginning of the numbers has |
/// | 16 | the first digits of the run id of the server that the numbers are of |
///
/// Numbers are big-endian.
struct StoreClock: Hashable {
    /// The number of the latest purge.
    let number: UInt64
    /// Identifies the numbers: those of different epochs are not compared.
    let epoch: UInt64

    private static let byteCount = 32

    /// The number of bits of a mark that hold the number: microseconds since 1970, which fit until the year 2255.
    private static let numberBitCount: UInt64 = 53

    /// Reads the value of the key.
    ///
    /// - Returns: nil when the server has none, or one that is damaged.
    init?(_ value: RESPValue) {
        guard case .bytes(var bytes) = value, bytes.readableBytes == Self.byteCount,
            let (number, epoch) = bytes.readMultipleIntegers(as: (UInt64, UInt64).self)
        else { return nil }
        self.number = number
        self.epoch = epoch
    }

    /// The place in the order of purges: the number, and some bits of the epoch.
    var mark: PurgeMark { PurgeMark(rawValue: epoch << Self.numberBitCount | number) }

    /// What the server's scripts compare of a mark: the number and the bits of the epoch, as digits.
    static func digits(of mark: PurgeMark?) -> (number: String, epoch: String) {
        guard let mark else { return ("", "") }
        return (
            String(mark.rawValue & (1 << numberBitCount - 1)), String(mark.rawValue >> numberBitCount)
        )
    }
}
