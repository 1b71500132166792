import CacheMiddleware
import KeyConstructor
import NIOCore
import Testing

@testable import ResponseCacheRedis

@Suite struct StoreChangeTests {
    static let selections: [PurgeSelection] = [
        .key(CacheKey(digestOf: "key")), .tag("r\u{E9}d\n"), .tag(""), .url("/cities?page=2"), .prefix("/"),
        .everything,
    ]

    @Test(arguments: selections, [PurgeMode.hard, .soft])
    func `A change is decoded as it was encoded`(selection: PurgeSelection, mode: PurgeMode) {
        let change = StoreChange(selection: selection, mode: mode)
        #expect(StoreChange(change.encoded) == change)
    }

    @Test(arguments: ["", "h", "x", "hx", "xk", "hk", "hk0123456789abcde", "hk0123456789abcdef0"])
    func `A malformed message is not a change`(text: String) {
        #expect(StoreChange(ByteBuffer(string: text)) == nil)
    }
}
