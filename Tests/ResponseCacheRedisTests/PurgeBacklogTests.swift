import CacheMiddleware
import Testing

@testable import ResponseCacheRedis

@Suite struct PurgeBacklogTests {
    private static func item(_ number: Int) -> PurgeBacklog.Item {
        PurgeBacklog.Item(selection: .tag("\(number)"), mode: .soft)
    }

    @Test func `Applied purges are removed unless requested again`() {
        let backlog = PurgeBacklog()
        #expect(backlog.isEmpty)
        #expect(backlog.add(Self.item(1)), "the first purge starts a task")
        #expect(!backlog.add(Self.item(2)))
        let items = backlog.all
        #expect(items.count == 2)
        _ = backlog.add(Self.item(1))
        backlog.remove(items)
        #expect(Array(backlog.all.keys) == [Self.item(1)])
        #expect(!backlog.isEmpty)
        backlog.remove(backlog.all)
        #expect(backlog.isEmpty)
    }

    @Test func `A purge added during a retry starts no second task`() {
        let backlog = PurgeBacklog()
        #expect(backlog.add(Self.item(1)))
        backlog.remove(backlog.all)
        // The backlog is empty, but the task has not ended yet.
        #expect(backlog.isEmpty)
        #expect(!backlog.add(Self.item(2)))
        #expect(!backlog.isRetryDone())
        backlog.remove(backlog.all)
        #expect(backlog.isRetryDone())
        #expect(backlog.add(Self.item(3)), "a later purge starts another task")
    }

    @Test func `Too much text becomes a purge of everything`() {
        let backlog = PurgeBacklog()
        let everything = [PurgeBacklog.Item(selection: .everything, mode: .hard)]
        for _ in 0..<2 {
            for number in 0..<17 {
                let url = "/\(number)/" + String(repeating: "x", count: 1 << 16)
                _ = backlog.add(PurgeBacklog.Item(selection: .url(url), mode: .hard))
                #expect((Array(backlog.all.keys) == everything) == (number >= 15))
                // Repeating a purge takes no space.
                if number == 0 { _ = backlog.add(PurgeBacklog.Item(selection: .url(url), mode: .hard)) }
                if number >= 15 { break }
            }
            backlog.remove(backlog.all)
            #expect(backlog.isEmpty)
        }
    }

    @Test func `Too many purges become a purge of everything`() {
        let backlog = PurgeBacklog()
        for number in 0...PurgeBacklog.limit { _ = backlog.add(Self.item(number)) }
        #expect(Array(backlog.all.keys) == [PurgeBacklog.Item(selection: .everything, mode: .hard)])
    }
}
