import Testing

@testable import CacheMiddleware

@Suite struct PurgeBacklogTests {
    private static func purge(_ number: Int) -> Purge { Purge(selection: .tag("\(number)"), mode: .soft) }

    private static let everything = [Purge(selection: .everything, mode: .hard)]

    @Test func `Applied purges are removed unless they failed again`() {
        var backlog = PurgeBacklog()
        #expect(backlog.isEmpty)
        backlog.add(Self.purge(1))
        backlog.add(Self.purge(2))
        let purges = backlog.purges
        #expect(purges.count == 2)
        backlog.add(Self.purge(1))
        for (purge, number) in purges { backlog.remove(purge, number: number) }
        #expect(Array(backlog.purges.keys) == [Self.purge(1)])
        for (purge, number) in backlog.purges { backlog.remove(purge, number: number) }
        #expect(backlog.isEmpty)
    }

    @Test func `One caller retries at a time`() {
        var backlog = PurgeBacklog()
        var isFirst = backlog.continuesRetrying(false)
        #expect(!isFirst, "there is nothing to retry")
        backlog.add(Self.purge(1))
        isFirst = backlog.continuesRetrying(false)
        #expect(isFirst)
        for (purge, number) in backlog.purges { backlog.remove(purge, number: number) }
        // The backlog is empty, but the caller has not ended yet.
        backlog.add(Self.purge(2))
        isFirst = backlog.continuesRetrying(false)
        #expect(!isFirst)
        var continues = backlog.continuesRetrying(true)
        #expect(continues)
        for (purge, number) in backlog.purges { backlog.remove(purge, number: number) }
        continues = backlog.continuesRetrying(true)
        #expect(!continues)
        backlog.add(Self.purge(3))
        isFirst = backlog.continuesRetrying(false)
        #expect(isFirst, "a later purge starts another caller")
    }

    @Test func `Too much text becomes a purge of everything`() {
        var backlog = PurgeBacklog()
        for _ in 0..<2 {
            for number in 0...15 {
                let url = "/\(number)/" + String(repeating: "x", count: 1 << 16)
                backlog.add(Purge(selection: .url(url), mode: .hard))
                #expect((Array(backlog.purges.keys) == Self.everything) == (number >= 15))
                // Repeating a purge takes no space.
                if number == 0 { backlog.add(Purge(selection: .url(url), mode: .hard)) }
            }
            for (purge, number) in backlog.purges { backlog.remove(purge, number: number) }
            #expect(backlog.isEmpty)
        }
    }

    @Test func `Too many purges become a purge of everything`() {
        var backlog = PurgeBacklog()
        for number in 0...PurgeBacklog.limit { backlog.add(Self.purge(number)) }
        #expect(Array(backlog.purges.keys) == Self.everything)
    }
}
