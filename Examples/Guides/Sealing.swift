#if Crypto
import EntrySealing
import ResponseCache
import ResponseCacheRedis

/// The code of the guides about seals.
func sealingGuides(client: RedisClient, secret: [UInt8], previousKey: SealingKey) throws {
    let key = SealingKey(id: 2, bytes: secret)
    let coder = EntryCoder(seal: try HMACSeal(writing: key, accepting: [previousKey]))
    _ = coder

    let sealed = RedisStore(client, coder: EntryCoder(seal: try AESGCMSeal(writing: key)))
    _ = sealed
}
#endif
