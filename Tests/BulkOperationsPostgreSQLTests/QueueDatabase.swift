#if PostgreSQL
import BulkOperations
import BulkOperationsPostgreSQL
import HTTPPipeline
import Logging
import NIOCore
import PipelineTesting
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import TestSupport
import Testing

/// A database of a test, on a real server.
struct QueueDatabase: Sendable {
    let url: String
    let client: PostgreSQLClient

    /// Creates a database on the server that all tests share.
    init(_ configure: (inout PostgreSQLClientSettings) -> Void = { _ in }) async throws {
        let server = try await PostgreSQLServer.shared()
        url = server.url(try await server.createDatabase())
        client = try Self.client(url, configure)
        for statement in RepositorySuite.schema {
            let text = statement.replacing("INTEGER PRIMARY KEY", with: "BIGSERIAL PRIMARY KEY")
            _ = try await client.execute(text)
        }
    }

    private static func client(
        _ url: String, _ configure: (inout PostgreSQLClientSettings) -> Void
    ) throws -> PostgreSQLClient {
        try PostgreSQLClient(url: url) { settings in
            settings.maximumConnections = 8
            settings.useLongTimeouts()
            settings.logger.logLevel = .critical
            configure(&settings)
        }
    }

    /// Connects as another process does.
    func connect() throws -> PostgreSQLClient { try Self.client(url) { _ in } }

    var repository: PostgreSQLRepository { PostgreSQLRepository(RepositorySuite.fields, in: client) }

    /// The first cell of a query.
    func integer(_ text: String) async throws -> Int {
        let result = try await client.execute(text)
        return Int(result.integer(0, 0) ?? -1)
    }
}

extension PostgreSQLBulkQueue {
    /// Submits an operation with chunks of names.
    func submit(
        _ chunks: [[String]], for user: String = "ann", at time: any TimeSource,
        _ configure: (inout OperationRequest) -> Void = { _ in }
    ) async throws -> OperationID {
        var request = OperationRequest(.create, of: "places", for: user)
        configure(&request)
        let id = OperationID(at: time.now)
        try await open(BulkOperation(id, request, createdAt: time.now), idempotencyKey: nil)
        var firstIndex = 0
        for (number, names) in chunks.enumerated() {
            try await append(
                OperationChunk(
                    number: number, firstIndex: firstIndex, itemCount: names.count,
                    bytes: ByteBuffer(string: names.joined(separator: "\n"))), to: id)
            firstIndex += names.count
        }
        _ = try await submit(request, as: id, fingerprint: nil)
        return id
    }
}

/// The work of a chunk of names.
func namedRows(_ part: ChunkPart) -> ChunkWork {
    let names = String(buffer: part.chunk.bytes).split(separator: "\n").map(String.init)[part.items]
    let first = part.chunk.firstIndex + part.items.lowerBound
    let rows = RowBatch(columns: ["name", "country"], rows: names.map { [.text($0), "AA"] })
    return ChunkWork([RowWrite(.create, rows, isAtomic: false)]) { results in
        var outcome = ChunkOutcome()
        for (row, result) in results.flatMap(\.outcomes).enumerated() {
            if let key = result.key {
                outcome.successes.append(.init(index: first + row, .created, key: key))
            } else if let error = result.error {
                outcome.failures.append(
                    ItemFailure(index: first + row, code: error.code.rawValue, errors: FieldErrors(error)))
            }
        }
        return outcome
    }
}
#endif
