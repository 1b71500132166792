#if Crypto
import Crypto

/// A secret of the service that seals entries, and the number that identifies it in sealed entries.
///
/// To replace a key without losing the cache, first let every process accept the new key. Then seal with the new key
/// and accept the old one. Remove the old key once all entries that it sealed have expired.
public struct SealingKey: Sendable {
    /// The number of the key. It is readable in each entry and unique among the keys of a service.
    public let id: UInt32
    let secret: SymmetricKey

    /// Creates a key from its number and its secret.
    ///
    /// - Parameters:
    ///   - id: The number of the key.
    ///   - bytes: The secret: random bytes, such as the output of `openssl rand 32`, not a password.
    public init(id: UInt32, bytes: some Sequence<UInt8>) {
        self.id = id
        self.secret = SymmetricKey(data: Array(bytes))
    }

    /// The number of bytes of the secret.
    public var byteCount: Int { secret.bitCount / 8 }
}

extension SealingKey: CustomStringConvertible, CustomReflectable {
    /// The number of the key without the secret.
    public var description: String { "sealing key \(id)" }

    /// A mirror with the number of the key and without the secret, because dumps can end up in logs.
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

/// An error in the sealing keys that the service is configured with.
public enum SealingKeyError: Error, Hashable {
    /// The key with this number has the wrong length.
    case wrongLength(id: UInt32, byteCount: Int, expected: String)
    /// Two keys have this number.
    case duplicate(id: UInt32)
}

extension SealingKeyError: CustomStringConvertible {
    /// A description of the error and of the expected value.
    public var description: String {
        switch self {
        case .wrongLength(let id, let byteCount, let expected):
            "Sealing key \(id) has \(byteCount) bytes instead of \(expected)."
        case .duplicate(let id):
            "Two sealing keys have the number \(id)."
        }
    }
}

/// The error for an invalid seal. It has no details, because only an attacker would benefit from them.
struct SealError: Error {}
#endif
