#if Crypto
import Crypto

/// A secret of the service, by which entries are sealed, and the number by which sealed entries name it.
///
/// Keys are replaced without losing the cache: first every process accepts the new key, then it seals with it and accepts the
/// old one, and when what the old one sealed has expired, the old one goes.
public struct SealingKey: Sendable {
    /// The number of the key. It can be read in each entry; no two keys of a service have the same.
    public let id: UInt32
    let secret: SymmetricKey

    /// Creates a key.
    ///
    /// - Parameters:
    ///   - id: The number of the key.
    ///   - bytes: The secret: random bytes, as `openssl rand 32` makes them, and no password.
    public init(id: UInt32, bytes: some Sequence<UInt8>) {
        self.id = id
        self.secret = SymmetricKey(data: Array(bytes))
    }

    /// The number of bytes of the secret.
    public var byteCount: Int { secret.bitCount / 8 }
}

extension SealingKey: CustomStringConvertible, CustomReflectable {
    /// The number of the key, and nothing of the secret.
    public var description: String { "sealing key \(id)" }

    /// The number of the key, and nothing of the secret: dumps end in logs.
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
#endif
