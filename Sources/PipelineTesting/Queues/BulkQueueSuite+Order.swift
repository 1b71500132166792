import BulkOperations
import Repositories
import Testing

extension BulkQueueSuite {
    /// Chunks with as many items as a class of priority has. The items have no names, so none is carried out.
    private func large(_ itemCount: Int) -> [[String]] {
        [Array(repeating: "", count: itemCount / 2), Array(repeating: "", count: itemCount - itemCount / 2)]
    }

    func leasesInOrder() async throws {
        let fixture = try await make()
        let large = try await fixture.submit(large(100_001), for: "ann")
        let middle = try await fixture.submit(self.large(1001), for: "bob")
        let small = try await fixture.submit(self.large(1000), for: "cid")
        var leases: [ChunkLease] = []
        while let lease = try await fixture.lease() { leases.append(lease) }
        #expect(
            leases.map(\.operation.id) == [small, small, middle, middle, large, large].map(\.id),
            "small operations come first")
        #expect(leases.map(\.items.lowerBound) == [0, 500, 0, 500, 0, 50_000], "items are in their order")
        #expect(leases.allSatisfy { $0.attempt == 1 && !$0.isRecorded && !$0.isHopeless })
        #expect(leases[0].operation.state == .running)
        #expect(leases[0].operation.startedAt == fixture.time.now)
    }

    func takesUsersInTurn() async throws {
        let fixture = try await make()
        try await fixture.submit((0..<20).map { ["a\($0)"] }, for: "ann")
        for _ in 0..<10 { _ = try await fixture.lease() }
        try await fixture.submit((0..<4).map { ["b\($0)"] }, for: "bob")
        try await fixture.submit((0..<4).map { ["c\($0)"] }, for: "bob")
        var users: [String?] = []
        for _ in 0..<8 { users.append(try await fixture.lease()?.operation.request.userID) }
        let count = users.count { $0 == "bob" }
        #expect((3...5).contains(count), "a user who comes later gets half, and not everything at first: \(users)")
        try await fixture.work()
        // Bob was away while Ann was served.
        try await fixture.submit((0..<60).map { ["d\($0)"] }, for: "ann")
        for _ in 0..<40 { _ = try await fixture.lease() }
        try await fixture.submit((0..<20).map { ["e\($0)"] }, for: "bob")
        users = []
        for _ in 0..<16 { users.append(try await fixture.lease()?.operation.request.userID) }
        #expect((6...9).contains(users.count { $0 == "bob" }), "nor does a user who was away: \(users)")
    }

    func starvesNoOperation() async throws {
        let fixture = try await make()
        let large = try await fixture.submit([[String](repeating: "", count: 100_001)], for: "ann")
        for index in 0..<30 { try await fixture.submit([["b\(index)"]], for: "bob") }
        var count = 0
        while let lease = try await fixture.lease(), lease.operation.id != large.id { count += 1 }
        #expect(count < 10, "the oldest operation gets its turn among small ones, after \(count)")
    }

    func leasesKnownResourcesOnly() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([["a"]])
        #expect(try await fixture.queue.lease(by: "w", of: []) == nil)
        #expect(try await fixture.queue.lease(by: "w", of: ["others"]) == nil)
        let lease = try #require(try await fixture.queue.lease(by: "w", of: ["others", "places"]))
        #expect(lease.operation.id == operation.id)
        #expect(try await fixture.carryOut(lease))
        fixture.time.advance(by: .seconds(31))
        #expect(try await fixture.queue.lease(by: "w", of: ["others"]) == nil, "nor after the outcome")
        #expect(try await fixture.lease()?.isRecorded == true)
    }
}
