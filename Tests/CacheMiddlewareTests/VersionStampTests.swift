import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@Suite struct VersionStampTests {
    @Test func `A stamp changes only when touched, and never repeats`() async throws {
        let stamp = VersionStamp("cities", in: MemoryStore(byteLimit: 1 << 20))
        let first = try await stamp.current()
        #expect(try await stamp.current() == first)
        var seen: Set<String> = [first]
        for _ in 0..<100 { seen.insert(try await stamp.touch()) }
        #expect(seen.count == 101)
    }

    @Test func `Stamps are identified by name and store`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let here = VersionStamp("cities", in: store)
        let there = VersionStamp("cities", in: store)
        let first = try await here.current()
        #expect(try await there.current() == first)
        let second = try await there.touch()
        #expect(try await here.current() == second)
        #expect(try await VersionStamp("countries", in: store).current() != second)
    }

    @Test func `A lost stamp is replaced by a new one`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let stamp = VersionStamp("cities", in: store)
        let first = try await stamp.current()
        store.removeAll()
        #expect(try await stamp.current() != first)
    }

    @Test func `An invalid stamp is replaced`() async throws {
        /// A store with other content under every key.
        struct Damaged: CacheStore {
            let store = RecordingStore()
            func entry(for key: CacheKey) async throws -> CacheEntry? { throw EntryDecodingError.damaged }
            func purgeMark() async throws -> PurgeMark { await store.purgeMark() }
            func store(
                _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
            ) async throws -> Bool {
                await store.store(entry, for: key, unlessPurgedSince: mark)
            }
            func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? { nil }
        }
        let store = Damaged()
        let stamp = try await VersionStamp("cities", in: store).current()
        #expect(store.store.entries.values.map { String(buffer: $0.body) } == [stamp])
    }

    @Test func `A failed touch is repeated before the next read`() async throws {
        let store = FailingStoreTests.Moody()
        store.isFailing.withLock { $0 = false }
        let clock = ManualClock()
        let stamp = VersionStamp(
            "cities", in: store, breaker: BreakerSettings(failureThreshold: 2, pause: .seconds(1)),
            runtime: .testing(clock: clock))
        let first = try await stamp.current()
        store.isFailing.withLock { $0 = true }
        await #expect(throws: FailingStore.Failure.self) { try await stamp.touch() }
        await #expect(throws: FailingStore.Failure.self) { try await stamp.current() }
        let count = store.operations.count
        await #expect(throws: (any Error).self) { try await stamp.current() }
        #expect(store.operations.count == count, "the breaker is open")
        await #expect(throws: FailingStore.Failure.self) { try await stamp.touch() }
        #expect(store.operations.count == count + 1, "but not by a write")
        store.isFailing.withLock { $0 = false }
        clock.advance(by: .seconds(1))
        let second = try await stamp.current()
        #expect(second != first)
        #expect(try await stamp.current() == second, "it was repeated once")
    }

    @Test func `A hanging store delays a key only until the timeout`() async throws {
        let store = HangingStore()
        let clock = ManualClock()
        let stamp = VersionStamp("cities", in: store, timeout: .milliseconds(100), runtime: .testing(clock: clock))
        let current = Task { try await stamp.current() }
        await store.waitForOperations(1)
        await clock.waitForSleepers(1)
        clock.advance(by: .milliseconds(100))
        await #expect(throws: (any Error).self) { try await current.value }
    }

    @Test func `The store is read once per request`() async throws {
        // And again after a write.
        let store = RecordingStore()
        let stamp = VersionStamp("cities", in: store)
        try await stamp.touch()
        let one = KeyConstructor.default.adding(["stamp": .custom(VersionStampKeyBit(stamp))])
        let two = KeyConstructor.safeDefault.adding(["stamp": .custom(VersionStampKeyBit(stamp))])
        let exchange = Exchange.testing(.put)
        func reads() -> Int { store.operations.count { if case .read = $0 { true } else { false } } }
        _ = try await one.key(for: exchange)
        _ = try await two.key(for: exchange)
        #expect(reads() == 1)
        _ = try await Pipeline {}.wrap { _ in .testing("written") }(exchange)
        _ = try await two.key(for: exchange)
        #expect(reads() == 2)
    }

    @Test(arguments: [true, false])
    func `A key needs no waiting once its stamp is in memory`(inMemory: Bool) async throws {
        let store: any CacheStore = inMemory ? MemoryStore(byteLimit: 1 << 20) : RecordingStore()
        let stamp = VersionStamp("cities", in: store)
        let closure = KeyConstructor.Bit.awaited { _ in "data" }
        let key = KeyConstructor.safeDefault.adding(["stamp": .custom(VersionStampKeyBit(stamp))])
        let (plain, memoized) = (key.memoizedForRequest(false), key.memoizedForRequest())
        #expect(plain.synchronousKey(for: .testing()) == nil, "no stamp exists")
        let first = try await plain.key(for: .testing())
        #expect(plain.synchronousKey(for: .testing()) == (inMemory ? first : nil))
        #expect(plain.adding(["closure": closure]).synchronousKey(for: .testing()) == nil)
        let exchange = Exchange.testing()
        #expect(try await memoized.key(for: exchange) == first)
        try await stamp.touch()
        #expect(memoized.synchronousKey(for: exchange) == first, "a request sees one stamp")
        #expect(try await plain.key(for: exchange) == first)
        let second = try await plain.key(for: .testing())
        #expect(second != first)
        #expect(plain.synchronousKey(for: .testing()) == (inMemory ? second : nil))
    }

    @Test(arguments: [true, false]) func `A key with a stamp evaluates the other bits once`(inMemory: Bool) async throws
    {
        let store: any CacheStore = inMemory ? MemoryStore(byteLimit: 1 << 20) : RecordingStore()
        let counter = HandlerCounter()
        let key: KeyConstructor = [
            "a": .computed { _ in counter.increment() }, "stamp": .custom(VersionStampKeyBit("cities", in: store)),
        ]
        let handler = Pipeline {
            CacheResponseMiddleware(.forever, key: key, in: MemoryStore(byteLimit: 1 << 20))
        }.wrap { _ in .testing("response") }
        for number in 1...3 {
            _ = try await handler(.testing())
            #expect(counter.count == number)
        }
    }

    @Test func `Concurrent parts of a request see one stamp`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let stamp = VersionStamp("cities", in: store)
        for _ in 0..<50 {
            let exchange = Exchange.testing()
            let seen = try await withThrowingTaskGroup { group in
                for _ in 0..<8 { group.addTask { try await stamp.current(for: exchange) } }
                group.addTask { try await stamp.touch() }
                var seen: [String] = []
                for _ in 0..<9 { seen.append(try await group.next()!) }
                return Set(seen)
            }
            // The last one may be that of the touch.
            #expect(seen.count <= 2)
            let current = try await stamp.current(for: exchange)
            #expect(seen.contains(current))
        }
    }

    @Test func `A write changes every tag`() async throws {
        // Its own tag is that of the next read.
        let store = MemoryStore(byteLimit: 1 << 20)
        let stamp = VersionStampKeyBit("cities", in: store)
        let key = (["view": .uniqueViewID, "stamp": .custom(stamp)] as KeyConstructor).memoizedForRequest()
        let runs = HandlerCounter()
        let handler = Pipeline {
            ETagMiddleware(key: key) { $0.rebuildsAfterMethodEvaluation = true }
            CacheResponseMiddleware(.forever, key: key, in: store)
        }.wrap { exchange in
            if exchange.request.method == .put { try await stamp.touch() }
            return .testing("run \(runs.increment())")
        }
        let first = try await handler(.testing())
        #expect(try await handler(.testing()).text() == "run 1")
        let tag = try #require(first.headerFields[.eTag])
        let written = try await handler(.testing(.put, fields: [.ifMatch: tag]))
        #expect(written.status == .ok)
        let next = try await handler(.testing())
        #expect(try await next.text() == "run 3")
        #expect(next.headerFields[.eTag] == written.headerFields[.eTag])
        #expect(try await handler(.testing(.put, fields: [.ifMatch: tag])).status == .preconditionFailed)
    }

    @Test func `While the store fails responses are uncached and untagged`() async throws {
        let key: KeyConstructor = ["stamp": .custom(VersionStampKeyBit("cities", in: FailingStore()))]
        let handler = Pipeline {
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.forever, key: key, in: MemoryStore(byteLimit: 1 << 20))
        }.wrap { _ in .testing("response") }
        let reply = try await handler(.testing())
        #expect(try await reply.text() == "response")
        #expect(reply.headerFields[.eTag] == nil)
        #expect(reply.headerFields[HTTPField.Name("Cache-Status")!] == "ResponseCache; fwd=bypass")
    }
}
