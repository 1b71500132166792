import CacheMiddleware
import Testing

@testable import RedisStore

@Suite struct PurgeBacklogTests {
    private static func item(_ number: Int) -> PurgeBacklog.Item {
        PurgeBacklog.Item(selection: .tag("\(number)"), mode: .soft)
    }

    @Test func `What is made is removed, unless it was asked for again meanwhile`() {
        let backlog = PurgeBacklog()
        #expect(backlog.isEmpty)
        backlog.add(Self.item(1))
        backlog.add(Self.item(2))
        let items = backlog.all
        #expect(items.count == 2)
        backlog.add(Self.item(1))
        backlog.remove(items)
        #expect(Array(backlog.all.keys) == [Self.item(1)])
        #expect(!backlog.isEmpty)
        backlog.remove(backlog.all)
        #expect(backlog.isEmpty)
    }

    @Test func `Too many are a purge of everything`() {
        let backlog = PurgeBacklog()
        for number in 0...PurgeBacklog.limit { backlog.add(Self.item(number)) }
        #expect(Array(backlog.all.keys) == [PurgeBacklog.Item(selection: .everything, mode: .hard)])
    }
}
