import Foundation
import Synchronization
public import Testing

/// A PostgreSQL server of the tests, which ends with the test process at the latest.
///
/// It listens on a port of 127.0.0.1 and on a Unix domain socket. Everyone is trusted, except for the role `secured`, whose password is
/// `secret`.
public final class PostgreSQLServer: Sendable {
    /// The comment of tests that are skipped without a server.
    public static let skipReason: Comment =
        "PostgreSQL is not installed: `apt-get install postgresql` or `brew install postgresql@15`"

    /// Whether `postgres` and `initdb` are installed.
    public static var isInstalled: Bool {
        ["postgres", "initdb", "psql"].allSatisfy { PostgreSQLCluster.program($0) != nil }
    }

    /// The port on 127.0.0.1, which a restart keeps.
    public let port: Int
    private let settings: [String]
    private let cluster: PostgreSQLCluster
    private let process = Mutex<ChildProcess?>(nil)

    private static let sharedTask = Mutex<Task<PostgreSQLServer, any Error>?>(nil)
    private static let databaseCount = Atomic<Int>(0)

    private init(port: Int, settings: [String], cluster: PostgreSQLCluster) {
        self.port = port
        self.settings = settings
        self.cluster = cluster
    }

    deinit {
        process.withLock { $0?.signal(SIGKILL) }
        cluster.remove()
    }

    /// The server for tests that need only a database of their own, and neither stop nor configure the server.
    public static func shared() async throws -> PostgreSQLServer {
        let task = sharedTask.withLock { task in
            let started = task ?? Task { try await start(["max_connections=400"]) }
            task = started
            return started
        }
        return try await task.value
    }

    /// Starts a server and waits until it accepts connections.
    ///
    /// - Parameter settings: Settings such as `max_connections=5`.
    /// - Returns: The server.
    /// - Throws: `PostgreSQLServerError` with the output of the server if it does not start.
    public static func start(_ settings: [String] = []) async throws -> PostgreSQLServer {
        let cluster = try await PostgreSQLCluster.create()
        for _ in 0..<20 {
            // Below the ephemeral ports: the system could assign this one to a client while the server is down.
            let server = PostgreSQLServer(port: .random(in: 20_000..<32_768), settings: settings, cluster: cluster)
            do {
                try await server.launch()
                return server
            } catch let error as PostgreSQLServerError where error.isPortTaken {
                continue
            }
        }
        throw PostgreSQLServerError("20 ports are in use")
    }

    // MARK: Databases

    /// The URL of a database.
    public func url(_ database: String = "postgres", user: String = "postgres", password: String? = nil) -> String {
        "postgres://\(user)\(password.map { ":\($0)" } ?? "")@127.0.0.1:\(port)/\(database)"
    }

    /// Creates an empty database.
    ///
    /// - Returns: Its name.
    /// - Throws: `PostgreSQLServerError` with the output of `psql`.
    public func createDatabase() async throws -> String {
        let name = "test\(Self.databaseCount.add(1, ordering: .relaxed).newValue)"
        try await sql("CREATE DATABASE \(name)")
        return name
    }

    /// Runs SQL through `psql` and its Unix domain socket.
    ///
    /// - Returns: The rows, whose columns are separated by `|`, or the command tag.
    /// - Throws: `PostgreSQLServerError` with the output of `psql` if it reports an error.
    @discardableResult public func sql(_ text: String, database: String = "postgres") async throws -> String {
        let output = try await cluster.run([
            "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", cluster.directory, "-p", "\(port)", "-U",
            "postgres", "-d",
            database, "-c", text,
        ])
        guard !output.contains("ERROR:"), !output.contains("error:") else { throw PostgreSQLServerError(output) }
        return output.trimmingCharacters(in: .newlines)
    }

    // MARK: Faults

    /// Kills all processes of the server like a crash and waits until they have exited.
    public func kill() async throws {
        guard let child = process.withLock({ $0 }) else { return }
        let children = PostgreSQLCluster.children(of: child.id)
        child.signal(SIGKILL)
        for id in children { _ = Foundation.kill(id, SIGKILL) }
        await child.end()
        try await eventually { children.allSatisfy { !PostgreSQLCluster.isAlive($0) } }
    }

    /// Shuts down the server: it disconnects all clients (a fast shutdown).
    public func shutDown() async {
        guard let child = process.withLock({ $0 }) else { return }
        child.signal(SIGINT)
        await child.end()
    }

    /// Starts the server again after ``kill()`` or ``shutDown()``, with the same data, settings and port.
    ///
    /// - Throws: `PostgreSQLServerError` if it does not start.
    public func launch() async throws {
        let log = cluster.directory + "/log"
        let child = try await ChildProcess.start(
            try cluster.command(
                [
                    "postgres", "-D", cluster.data, "-c", "listen_addresses=127.0.0.1", "-c", "port=\(port)", "-c",
                    "unix_socket_directories=\(cluster.directory)", "-c", "fsync=off", "-c", "full_page_writes=off",
                    "-c",
                    "shared_buffers=32MB", "-c", "max_wal_senders=0", "-c", "wal_level=minimal", "-c",
                    "log_min_messages=warning",
                ] + settings.flatMap { ["-c", $0] }), output: log)
        process.withLock { $0 = child }
        let deadline = ContinuousClock.now + .seconds(30)
        while !child.hasEnded, ContinuousClock.now < deadline {
            if let text = try? String(contentsOfFile: log, encoding: .utf8),
                text.contains("ready to accept connections")
            {
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        child.signal(SIGKILL)
        throw PostgreSQLServerError((try? String(contentsOfFile: log, encoding: .utf8)) ?? "the server does not start")
    }

    /// Shuts down the server and starts it again.
    ///
    /// - Throws: `PostgreSQLServerError` if it does not start.
    public func restart() async throws {
        await shutDown()
        try await launch()
    }

    /// Pauses all processes of the server (SIGSTOP): it accepts TCP connections and reads nothing until it is resumed.
    public func pause() {
        guard let child = process.withLock({ $0 }) else { return }
        child.pause()
        for id in PostgreSQLCluster.children(of: child.id) { _ = Foundation.kill(id, SIGSTOP) }
    }

    /// Resumes a paused server.
    public func resume() {
        guard let child = process.withLock({ $0 }) else { return }
        for id in PostgreSQLCluster.children(of: child.id) { _ = Foundation.kill(id, SIGCONT) }
        child.signal(SIGCONT)
    }

    /// Stops the server and removes its files.
    public func stop() async throws {
        try await kill()
        cluster.remove()
    }
}
