#if Crypto
import Crypto
import NIOCore

/// The key that seals entries, and all keys that open them.
struct SealingKeyring: Sendable {
    let writing: SealingKey
    private let accepted: [UInt32: SymmetricKey]

    init(
        writing: SealingKey,
        accepting others: [SealingKey],
        lengths: String,
        isLength: (Int) -> Bool
    ) throws(SealingKeyError) {
        var accepted: [UInt32: SymmetricKey] = [:]
        for key in [writing] + others {
            guard isLength(key.byteCount) else {
                throw .wrongLength(id: key.id, byteCount: key.byteCount, expected: lengths)
            }
            guard accepted.updateValue(key.secret, forKey: key.id) == nil else { throw .duplicate(id: key.id) }
        }
        self.writing = writing
        self.accepted = accepted
    }

    /// Returns the first bytes of a seal: the number of its key.
    static func idBytes(_ id: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * UInt32($0))) }
    }

    /// Reads the number of the key and returns it with the key's secret.
    func readKey(from sealed: inout ByteBuffer) throws(SealError) -> (id: UInt32, secret: SymmetricKey) {
        guard let id = sealed.readInteger(endianness: .little, as: UInt32.self), let secret = accepted[id] else {
            throw SealError()
        }
        return (id, secret)
    }
}
#endif
