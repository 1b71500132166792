import BulkOperations
import NIOCore
import Repositories
import Testing

extension BulkQueueSuite {
    func hidesUploads() async throws {
        let fixture = try await make()
        let operation = try await fixture.open([["a", "b"], ["c"]])
        #expect(try await fixture.current(operation) == nil, "an upload does not exist for clients")
        #expect(try await fixture.queue.operations(of: "ann", state: nil, before: nil, limit: 10).isEmpty)
        #expect(try await fixture.queue.cancel(operation.id) == nil)
        #expect(try await fixture.lease() == nil, "nor for workers")
        var request = operation.request
        request.fileName = "places.csv"
        let submitted = try await fixture.queue.submit(request, as: operation.id, fingerprint: nil)
        #expect(submitted.state == .queued)
        #expect(submitted.request == request, "the request is the one of the submission")
        #expect(submitted.counts.total == 3)
        #expect(try await fixture.current(operation) == submitted)
        await #expect(throws: (any Error).self, "an upload ends once") {
            try await fixture.queue.submit(request, as: operation.id, fingerprint: nil)
        }
        try await fixture.queue.discard(operation.id)
        #expect(try await fixture.current(operation) != nil, "a submitted operation is not discarded")
        let discarded = try await fixture.open([["d"]])
        try await fixture.queue.discard(discarded.id)
        await #expect(throws: (any Error).self) {
            try await fixture.queue.append(
                OperationChunk(number: 1, firstIndex: 1, itemCount: 1, bytes: ByteBuffer(string: "e")),
                to: discarded.id)
        }
        await #expect(throws: (any Error).self) {
            try await fixture.queue.submit(discarded.request, as: discarded.id, fingerprint: nil)
        }
    }

    func endsUploadsThatTakeTooLong() async throws {
        let fixture = try await make { $0.uploadTimeout = .seconds(60) }
        let operation = try await fixture.open([["a"]])
        fixture.time.advance(by: .seconds(59))
        try await fixture.queue.append(
            OperationChunk(number: 1, firstIndex: 1, itemCount: 1, bytes: ByteBuffer(string: "b")), to: operation.id)
        fixture.time.advance(by: .seconds(59))
        #expect(try await fixture.queue.removeExpired() == 0, "each chunk restarts the time")
        fixture.time.advance(by: .seconds(2))
        #expect(try await fixture.queue.removeExpired() == 1)
        await #expect(throws: (any Error).self) {
            try await fixture.queue.submit(operation.request, as: operation.id, fingerprint: nil)
        }
        #expect(try await fixture.parts(operation).isEmpty)
    }

    func completesWithoutItems() async throws {
        let fixture = try await make()
        let operation = try await fixture.submit([])
        #expect(operation.state == .completed, "an operation without chunks has ended")
        #expect(operation.finishedAt == fixture.time.now)
        let empty = try await fixture.submit([[]])
        #expect(try await fixture.parts(empty).count == 1, "a chunk without items is a part")
        #expect(try await fixture.work() == 1)
        #expect(try await fixture.current(empty)?.state == .completed)
    }

    func findsEarlierOperations() async throws {
        let fixture = try await make { $0.retention = .seconds(1000) }
        let upload = try await fixture.open([["a"]], key: "k")
        await #expect(throws: QueueRefusal.uploading) { try await fixture.open([["a"]], key: "k") }
        let other = try await fixture.submit([["b"]], for: "bob", key: "k", fingerprint: "f")
        #expect(other.request.userID == "bob", "keys of other users are others")
        let first = try await fixture.queue.submit(upload.request, as: upload.id, fingerprint: "f")
        #expect(first.id == upload.id)
        let repeated = try await fixture.submit([["a"]], key: "k", fingerprint: "f")
        #expect(repeated.id == first.id, "the same request is the same operation")
        await #expect(throws: QueueRefusal.mismatch) {
            try await fixture.submit([["c"]], key: "k", fingerprint: "g")
        }
        #expect(
            try await fixture.queue.operations(of: "ann", state: nil, before: nil, limit: 10).map(\.id) == [first.id])
        try await fixture.work()
        #expect(try await fixture.names() == ["a", "b"], "it is carried out once")
        #expect(try await fixture.submit([["a"]], key: "k", fingerprint: "f").state == .completed)
        fixture.time.advance(by: .seconds(1000))
        #expect(try await fixture.submit([["a"]], key: "k", fingerprint: "g").state == .queued, "keys expire")
    }

    func limitsOperationsOfUsers() async throws {
        let fixture = try await make {
            $0.maximumOperationCount = 2
            $0.uploadTimeout = .seconds(60)
        }
        let first = try await fixture.submit([["a"]], key: "k", fingerprint: "f")
        let upload = try await fixture.open([["b"]])
        await #expect(throws: QueueRefusal.tooManyOperations(maximum: 2)) { try await fixture.open([["c"]]) }
        try await fixture.submit([["c"]], for: "bob")
        try await fixture.queue.discard(upload.id)
        try await fixture.submit([["d"]])
        await #expect(throws: QueueRefusal.tooManyOperations(maximum: 2)) { try await fixture.open([["e"]]) }
        let repeated = try await fixture.submit([["a"]], key: "k", fingerprint: "f")
        #expect(repeated.id == first.id, "a repetition is no further operation")
        try await fixture.work()
        _ = try await fixture.open([["f"]])
        _ = try await fixture.open([["g"]])
        await #expect(throws: QueueRefusal.tooManyOperations(maximum: 2), "uploads count") {
            try await fixture.open([["h"]])
        }
        fixture.time.advance(by: .seconds(61))
        _ = try await fixture.open([["i"]])
    }

    func limitsBytesOfUsers() async throws {
        let fixture = try await make {
            $0.maximumByteCount = 3
            $0.retention = .seconds(1000)
        }
        let upload = try await fixture.open([["a"]])
        try await fixture.submit([["b"], ["c"]])
        await #expect(throws: QueueRefusal.tooManyBytes(maximum: 3)) { try await fixture.open([["d"]]) }
        try await fixture.submit([["d"]], for: "bob")
        try await fixture.queue.discard(upload.id)
        try await fixture.submit([["e"]])
        try await fixture.work()
        await #expect(throws: QueueRefusal.tooManyBytes(maximum: 3), "operations that are kept count") {
            try await fixture.open([["f"]])
        }
        fixture.time.advance(by: .seconds(1001))
        _ = try await fixture.queue.removeExpired()
        try await fixture.submit([["g"]])
    }

    func listsOperations() async throws {
        let fixture = try await make()
        var operations: [BulkOperation] = []
        for index in 0..<5 { operations.append(try await fixture.submit([["a\(index)"]])) }
        try await fixture.submit([["b"]], for: "bob")
        try await fixture.submit([["c"]], for: nil)
        let ids = operations.reversed().map(\.id)
        func page(before id: OperationID?, _ state: BulkOperation.State? = nil) async throws -> [OperationID] {
            try await fixture.queue.operations(of: "ann", state: state, before: id, limit: 2).map(\.id)
        }
        #expect(try await page(before: nil) == Array(ids[0..<2]))
        #expect(try await page(before: ids[1]) == Array(ids[2..<4]))
        #expect(try await page(before: ids[3]) == [ids[4]])
        #expect(try await page(before: ids[4]).isEmpty)
        _ = try await fixture.queue.cancel(ids[0])
        #expect(try await page(before: nil, .cancelled) == [ids[0]])
        #expect(try await page(before: nil, .queued) == Array(ids[1..<3]))
        #expect(try await fixture.queue.operation(ids[0])?.state == .cancelled)
    }

    func removesExpiredOperations() async throws {
        let fixture = try await make { $0.retention = .seconds(100) }
        let operation = try await fixture.submit([["a", "a"]])
        let lease = try #require(try await fixture.lease())
        try await fixture.finish(lease)
        let unfinished = try await fixture.submit([["b"]])
        fixture.time.advance(by: .seconds(99))
        #expect(try await fixture.queue.removeExpired() == 0)
        #expect(try await fixture.parts(operation).count == 1)
        fixture.time.advance(by: .seconds(1))
        #expect(try await fixture.current(operation) == nil, "it is gone, removed or not")
        #expect(
            try await fixture.queue.operations(of: "ann", state: nil, before: nil, limit: 9).map(\.id) == [
                unfinished.id
            ])
        #expect(try await fixture.queue.removeExpired() == 1)
        #expect(try await fixture.parts(operation).isEmpty)
        fixture.time.advance(by: .seconds(1_000_000))
        #expect(try await fixture.queue.removeExpired() == 0, "an operation that has not ended stays")
        for index in 0..<60 { try await fixture.submit([["c\(index)"]], for: "user \(index)") }
        try await fixture.work()
        fixture.time.advance(by: .seconds(101))
        #expect(try await fixture.queue.removeExpired() == 61)
    }
}
