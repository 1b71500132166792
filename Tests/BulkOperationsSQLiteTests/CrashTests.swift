#if GRDB
import BulkOperations
import Foundation
import PipelineTesting
import TestSupport
import Testing

/// Workers in other processes, which are killed and stopped at random moments. `BULK_CRASH_SEED` repeats the moments of a run.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CrashTests {
    private static let seed = ProcessInfo.processInfo.environment["BULK_CRASH_SEED"].flatMap(UInt64.init) ?? 20

    @Test func `Writes each row once though the process is killed`() async throws {
        try await run(rowCount: 50_000, chunkSize: 1000) { database, id, random in
            let moments = (0..<20).map { _ in Int.random(in: 0..<48_000, using: &random) }.sorted()
            for moment in moments {
                // The size of new chunks has changed since.
                let worker = try database.start(chunkSize: Int.random(in: 1...2000, using: &random))
                try await database.waitUntil(id, hasProcessed: moment)
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<30_000, using: &random)))
                await worker.kill()
            }
            _ = try database.start(chunkSize: 100)
        }
    }

    @Test func `Writes each row once though one of two processes is killed`() async throws {
        try await run(rowCount: 10_000, chunkSize: 200) { database, id, random in
            var workers = [try database.start(chunkSize: 200), try database.start(chunkSize: 200)]
            for moment in (0..<6).map({ _ in Int.random(in: 0..<9000, using: &random) }).sorted() {
                try await database.waitUntil(id, hasProcessed: moment)
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<10_000, using: &random)))
                let index = Int.random(in: 0..<2, using: &random)
                await workers[index].kill()
                workers[index] = try database.start(chunkSize: 200)
            }
        }
    }

    @Test func `Writes nothing after a process has slept past its lease`() async throws {
        let database = try CrashDatabase()
        try await database.removing {
            var random = SeededGenerator(seed: Self.seed)
            let sleeper = try database.start(chunkSize: 200)
            for round in 0..<4 {
                let id = try await database.submit(rows: round * 20_000..<(round + 1) * 20_000, chunkSize: 200)
                try await database.waitUntil(id, hasProcessed: Int.random(in: 0..<1000, using: &random))
                try await database.stop(sleeper)
                let other = try database.start(chunkSize: 200)
                try await eventually { try await database.operation(id).state.isFinal }
                sleeper.send(SIGCONT)
                await other.kill()
                try await database.checkOperation(id, rowCount: 20_000)
            }
            // The one that slept carries out what comes later.
            let id = try await database.submit(rows: 80_000..<80_200, chunkSize: 200)
            try await eventually { try await database.operation(id).state.isFinal }
            #expect(sleeper.isRunning)
            try await database.checkRows(count: 80_200)
        }
    }

    @Test func `Writes one transaction once though the process is killed`() async throws {
        let database = try CrashDatabase()
        try await database.removing {
            var random = SeededGenerator(seed: Self.seed)
            let id = try await database.submit(rows: 0..<20_000, chunkSize: 1000, isAtomic: true)
            for _ in 0..<5 {
                let worker = try database.start(chunkSize: 1000)
                let revision = try await database.operation(id).revision
                try await eventually { try await database.operation(id).revision != revision }
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<100_000, using: &random)))
                await worker.kill()
                let operation = try await database.operation(id)
                #expect([0, 20_000].contains(operation.counts.created), "all or nothing")
                if operation.state.isFinal { break }
            }
            _ = try database.start(chunkSize: 1000)
            try await eventually { try await database.operation(id).state.isFinal }
            try await database.checkOperation(id, rowCount: 20_000)
            try await database.checkRows(count: 20_000)
        }
    }

    private func run(
        rowCount: Int, chunkSize: Int,
        _ body: (CrashDatabase, OperationID, inout SeededGenerator) async throws -> Void
    ) async throws {
        let database = try CrashDatabase()
        try await database.removing {
            var random = SeededGenerator(seed: Self.seed)
            let id = try await database.submit(rows: 0..<rowCount, chunkSize: chunkSize)
            try await body(database, id, &random)
            try await eventually { try await database.operation(id).state.isFinal }
            try await database.checkOperation(id, rowCount: rowCount)
            try await database.checkRows(count: rowCount)
        }
    }
}

extension CrashDatabase {
    fileprivate func waitUntil(_ id: OperationID, hasProcessed count: Int) async throws {
        try await eventually {
            let operation = try await operation(id)
            return operation.counts.processed >= count || operation.state.isFinal
        }
    }
}
#endif
