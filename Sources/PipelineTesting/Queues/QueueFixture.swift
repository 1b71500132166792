import BulkOperations
import HTTPPipeline
import NIOCore
import Repositories

/// A queue under test. The items of its chunks are lines with the names of new rows.
struct QueueFixture: Sendable {
    let queue: any BulkQueue
    let repository: any Repository
    let time: ManualTimeSource

    /// The error of work on an item that begins with "break".
    struct Breakage: Error {}

    // MARK: Submitting

    /// Opens an operation and stores its chunks.
    func open(
        _ chunks: [[String]], for user: String? = "ann", key: String? = nil,
        _ configure: (inout OperationRequest) -> Void = { _ in }
    ) async throws -> BulkOperation {
        var request = OperationRequest(.create, of: "places", for: user)
        configure(&request)
        let now = time.now
        let operation = BulkOperation(OperationID(at: now), request, createdAt: now)
        try await queue.open(operation, idempotencyKey: key)
        var firstIndex = 0
        for (number, names) in chunks.enumerated() {
            let chunk = OperationChunk(
                number: number, firstIndex: firstIndex, firstLine: firstIndex + 1, itemCount: names.count,
                bytes: ByteBuffer(string: names.joined(separator: "\n")))
            try await queue.append(chunk, to: operation.id)
            firstIndex += names.count
        }
        return operation
    }

    /// Submits an operation with chunks.
    @discardableResult
    func submit(
        _ chunks: [[String]], for user: String? = "ann", key: String? = nil, fingerprint: String? = nil,
        _ configure: (inout OperationRequest) -> Void = { _ in }
    ) async throws -> BulkOperation {
        let operation = try await open(chunks, for: user, key: key, configure)
        return try await queue.submit(operation.request, as: operation.id, fingerprint: fingerprint)
    }

    // MARK: Working

    func lease(by worker: String = "worker") async throws -> ChunkLease? {
        try await queue.lease(by: worker, of: ["places"])
    }

    /// Carries out a lease and records its outcome.
    func carryOut(_ lease: ChunkLease) async throws -> Bool {
        try await queue.carryOut(lease, on: repository) { part in try Self.work(part, isHopeless: lease.isHopeless) }
    }

    /// Does what a worker does with a lease.
    func finish(_ lease: ChunkLease) async throws {
        do {
            let isRecorded = if lease.isRecorded { true } else { try await carryOut(lease) }
            if isRecorded {
                try await queue.acknowledge(lease)
            } else {
                try await queue.retry(lease, after: FailedItems())
            }
        } catch is Breakage {
            try await queue.retry(lease, after: FailedItems())
        }
    }

    /// Does what a worker does until nothing is left, and moves the clock forward while chunks wait for another attempt.
    ///
    /// - Returns: The number of leases.
    @discardableResult
    func work() async throws -> Int {
        var count = 0
        for _ in 0..<100 {
            while let lease = try await lease(), count < 1000 {
                count += 1
                try await finish(lease)
            }
            time.advance(by: .seconds(1))
        }
        return count
    }

    static func work(_ part: ChunkPart, isHopeless: Bool) throws -> ChunkWork {
        let names = String(buffer: part.chunk.bytes).split(separator: "\n").map(String.init)[part.items]
        let first = part.chunk.firstIndex + part.items.lowerBound
        if isHopeless {
            return ChunkWork([]) { _ in
                var outcome = ChunkOutcome()
                outcome.failures = [ItemFailure(index: first, code: "poison", errors: FieldErrors(field: "name", "no"))]
                return outcome
            }
        }
        guard !names.contains(where: { $0.hasPrefix("break") }) else { throw Breakage() }
        let rows = RowBatch(columns: ["name", "country"], rows: names.map { [.text($0), "AA"] })
        return ChunkWork([RowWrite(.create, rows, isAtomic: false)]) { results in
            var outcome = ChunkOutcome()
            for (row, result) in results.flatMap(\.outcomes).enumerated() {
                if let error = result.error {
                    outcome.failures.append(
                        ItemFailure(
                            index: first + row, line: first + row + 1, code: error.code.rawValue,
                            errors: FieldErrors(field: "name", "failed")))
                } else if let key = result.key {
                    outcome.successes.append(.init(index: first + row, .created, key: key))
                }
            }
            return outcome
        }
    }

    // MARK: Reading

    /// The operation as it is now.
    func current(_ operation: BulkOperation) async throws -> BulkOperation? {
        try await queue.operation(operation.id)
    }

    /// The names of all rows, sorted.
    func names() async throws -> [String] {
        try await repository.names(RowQuery(order: [RepositorySuite.Place.name.ascending]))
    }

    /// The records of all parts of an operation.
    func parts(_ operation: BulkOperation, _ configure: (inout PartQuery) -> Void = { _ in }) async throws
        -> [PartRecord]
    {
        var query = PartQuery(of: operation.id)
        query.limit = 1000
        configure(&query)
        return try await queue.parts(query)
    }
}

/// An error that the items of a part cause.
struct FailedItems: Error {}
