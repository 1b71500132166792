import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Testing

@testable import BulkOperations

@Suite struct MemoryIdempotencyStoreTests {
    @Test func `Behaves as every store of keys does`() async throws {
        try await IdempotencyStoreSuite { time in MemoryIdempotencyStore(timeSource: time) }.run()
    }

    @Test func `Records beyond the limits are removed from the oldest on`() async throws {
        let store = MemoryIdempotencyStore(
            limits: IdempotencyLimits(recordCount: 8, shareCount: 2), timeSource: ManualTimeSource())
        for client in ["ann", "ben", "cem"] {
            for number in 0..<4 { try await finish("\(number)", of: client, in: store) }
        }
        #expect(store.usage.recordCount == 8)
        #expect(try await isKept("0", of: "ann", in: store) == false, "the oldest of all")
        for number in 1..<4 { #expect(try await isKept("\(number)", of: "cem", in: store)) }
    }

    @Test func `A client removes only its own records beyond its share`() async throws {
        let store = MemoryIdempotencyStore(limits: IdempotencyLimits(recordCount: 100, byteCount: 100_000))
        try await finish("kept", of: "ann", in: store)
        for number in 0..<2000 { try await finish("\(number)", of: "ben", in: store) }
        #expect(store.usage.recordCount == 26)
        #expect(try await isKept("kept", of: "ann", in: store))
        #expect(try await isKept("1999", of: "ben", in: store))
    }

    @Test func `Bytes are limited`() async throws {
        let store = MemoryIdempotencyStore(limits: IdempotencyLimits(byteCount: 40_000, shareCount: 1))
        for number in 0..<100 { try await finish("\(number)", of: "ann", in: store, size: 10_000) }
        #expect(store.usage.recordCount == 3)
        #expect(store.usage.byteCount <= 40_000)
        guard case .started(let token) = try await begin("large", of: "ann", in: store) else {
            throw CancellationError()
        }
        let large = StoredReply(status: 200, headerFields: [:], body: ByteBuffer(repeating: 1, count: 50_000))
        #expect(try await store.finish(token, with: large) == false)
        #expect(try await isKept("large", of: "ann", in: store) == false, "the key can be used again")
    }

    @Test func `Running records are not removed`() async throws {
        let time = ManualTimeSource()
        let store = MemoryIdempotencyStore(limits: IdempotencyLimits(recordCount: 4, shareCount: 1), timeSource: time)
        for number in 0..<4 { _ = try await begin("\(number)", of: "ann", in: store) }
        await #expect(throws: IdempotencyStoreFull.self) { try await begin("more", of: "ann", in: store) }
        time.advance(by: .seconds(60))
        _ = try await begin("more", of: "ann", in: store)
        #expect(store.usage.recordCount == 4)
    }

    @Test func `Expired records are removed`() async throws {
        let time = ManualTimeSource()
        let store = MemoryIdempotencyStore(timeSource: time)
        for number in 0..<10 { try await finish("\(number)", of: "ann", in: store) }
        time.advance(by: .seconds(24 * 3600))
        try await finish("last", of: "ben", in: store)
        #expect(store.usage.recordCount == 1)
    }

    private func begin(
        _ key: String, of client: String, in store: MemoryIdempotencyStore
    ) async throws -> IdempotencyOutcome {
        let id = IdempotencyRecordID(client: client, method: "POST", target: "/", key: key)
        return try await store.begin(id, fingerprint: RequestFingerprint("f"), for: IdempotencyLifetimes())
    }

    private func finish(
        _ key: String, of client: String, in store: MemoryIdempotencyStore, size: Int = 1
    ) async throws {
        guard case .started(let token) = try await begin(key, of: client, in: store) else { return }
        let body = ByteBuffer(repeating: 1, count: size)
        try await store.finish(token, with: StoredReply(status: 200, headerFields: [:], body: body))
    }

    private func isKept(_ key: String, of client: String, in store: MemoryIdempotencyStore) async throws -> Bool {
        switch try await begin(key, of: client, in: store) {
        case .finished: return true
        case .started(let token):
            try await store.abandon(token)
            return false
        default: return false
        }
    }
}
