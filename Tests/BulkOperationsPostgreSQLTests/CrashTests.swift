#if PostgreSQL
import BulkOperations
import Foundation
import PipelineTesting
import TestSupport
import Testing

/// Workers in other processes, and a server, which are killed and stopped at random moments. `BULK_CRASH_SEED` repeats the moments of a run.
@Suite(
    .serialized, .enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct CrashTests {
    private static let seed = ProcessInfo.processInfo.environment["BULK_CRASH_SEED"].flatMap(UInt64.init) ?? 20
    /// The number of rows of an import, and of kills of workers; `BULK_CRASH_SCALE` multiplies both.
    private static let scale = ProcessInfo.processInfo.environment["BULK_CRASH_SCALE"].flatMap(Int.init) ?? 1

    /// Longer than the leases of the workers.
    private static let pause = CrashDatabase.lease * 1.5

    @Test func `Writes each row once though workers and the server end`() async throws {
        let database = try await CrashDatabase()
        try await database.removing {
            var random = SeededGenerator(seed: Self.seed)
            let rowCount = 20_000 * Self.scale
            let id = try await database.submit(rows: 0..<rowCount, chunkSize: 200)
            var workers = [try database.start(chunkSize: 200), try database.start(chunkSize: 200)]
            let moments = (0..<10 * Self.scale).map { _ in Int.random(in: 0..<rowCount * 9 / 10, using: &random) }
            for (number, moment) in moments.sorted().enumerated() {
                try await database.waitUntil(id, hasProcessed: moment)
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<10_000, using: &random)))
                if number % 10 == 2 {
                    try await database.crash()
                } else if number % 10 == 7 {
                    try await database.server.restart()
                } else {
                    let index = Int.random(in: 0..<2, using: &random)
                    await workers[index].kill()
                    workers[index] = try database.start(chunkSize: 200)
                }
            }
            try await database.waitUntil(id, hasProcessed: .max)
            try await database.checkOperation(id, rowCount: rowCount)
            try await database.checkRows(count: rowCount)
        }
    }

    @Test func `Workers continue after the server was paused`() async throws {
        let database = try await CrashDatabase()
        try await database.removing {
            var random = SeededGenerator(seed: Self.seed)
            let id = try await database.submit(rows: 0..<10_000, chunkSize: 200)
            for _ in 0..<2 { _ = try database.start(chunkSize: 200) }
            for moment in (0..<3).map({ _ in Int.random(in: 1..<9000, using: &random) }).sorted() {
                try await database.waitUntil(id, hasProcessed: moment)
                database.server.pause()
                try await Task.sleep(for: Self.pause)
                database.server.resume()
            }
            try await database.waitUntil(id, hasProcessed: .max)
            try await database.checkOperation(id, rowCount: 10_000)
            try await database.checkRows(count: 10_000)
        }
    }

    @Test func `Writes nothing after a process has slept past its lease`() async throws {
        let database = try await CrashDatabase()
        try await database.removing {
            var random = SeededGenerator(seed: Self.seed)
            let sleeper = try database.start(chunkSize: 200)
            for round in 0..<4 {
                let id = try await database.submit(rows: round * 10_000..<(round + 1) * 10_000, chunkSize: 200)
                try await database.waitUntil(id, hasProcessed: Int.random(in: 1..<1000, using: &random))
                // It can be in the middle of a transaction, which the server ends then.
                sleeper.stop()
                let other = try database.start(chunkSize: 200)
                try await database.waitUntil(id, hasProcessed: .max)
                sleeper.send(SIGCONT)
                await other.kill()
                try await database.checkOperation(id, rowCount: 10_000)
            }
            // The one that slept carries out what comes later.
            let id = try await database.submit(rows: 40_000..<40_200, chunkSize: 200)
            try await database.waitUntil(id, hasProcessed: .max)
            #expect(sleeper.isRunning)
            try await database.checkRows(count: 40_200)
        }
    }

    @Test func `Writes one transaction once though the process is killed`() async throws {
        let database = try await CrashDatabase()
        try await database.removing {
            var random = SeededGenerator(seed: Self.seed)
            let id = try await database.submit(rows: 0..<20_000, chunkSize: 1000, isAtomic: true)
            for round in 0..<4 {
                let worker = try database.start(chunkSize: 1000)
                let revision = try await database.operation(id)?.revision
                try await eventually { try await database.operation(id).map { $0.revision != revision } ?? false }
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<100_000, using: &random)))
                if round == 2 { try await database.crash() }
                await worker.kill()
                let operation = try await database.operation(id)
                #expect([0, 20_000].contains(operation?.counts.created ?? 0), "all or nothing")
                if operation?.state.isFinal == true { break }
            }
            _ = try database.start(chunkSize: 1000)
            try await database.waitUntil(id, hasProcessed: .max)
            try await database.checkOperation(id, rowCount: 20_000)
            try await database.checkRows(count: 20_000)
        }
    }
}
#endif
