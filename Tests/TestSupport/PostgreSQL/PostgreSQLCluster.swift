import Foundation
import Synchronization

/// The folder of a PostgreSQL server, and the programs that work on it.
struct PostgreSQLCluster: Sendable {
    /// The folder, which has the socket, the log and the data.
    let directory: String
    /// The folder of the data.
    var data: String { directory + "/data" }

    /// A folder that `initdb` has filled, which is copied for each server.
    private static let template = Mutex<Task<PostgreSQLCluster, any Error>?>(nil)
    /// The folders to remove when the process exits.
    private static let directories: Mutex<Set<String>> = {
        atexit {
            PostgreSQLCluster.directories.withLockIfAvailable {
                for path in $0 { try? FileManager.default.removeItem(atPath: path) }
            }
        }
        return Mutex([])
    }()

    private init(directory: String) {
        self.directory = directory
    }

    /// Creates the folder of a server.
    static func create() async throws -> PostgreSQLCluster {
        let task = template.withLock { task in
            let started = task ?? Task { try await createTemplate() }
            task = started
            return started
        }
        let template = try await task.value
        let cluster = try makeEmpty()
        let output = try await cluster.run(["/bin/cp", "-a", template.data, cluster.data])
        guard output.isEmpty else { throw PostgreSQLServerError(output) }
        return cluster
    }

    private static func createTemplate() async throws -> PostgreSQLCluster {
        let cluster = try makeEmpty()
        let output = try await cluster.run([
            "initdb", "-D", cluster.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
            "--no-sync",
        ])
        guard output.contains("Success") else { throw PostgreSQLServerError(output) }
        try "local all all trust\nhost all secured 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n".write(
            toFile: cluster.data + "/pg_hba.conf", atomically: false, encoding: .utf8)
        let script = cluster.directory + "/script"
        try "CREATE ROLE secured LOGIN PASSWORD 'secret';\n".write(toFile: script, atomically: false, encoding: .utf8)
        let created = try await cluster.run(["postgres", "--single", "-D", cluster.data, "postgres"], input: script)
        guard !created.contains("ERROR"), !created.contains("FATAL") else { throw PostgreSQLServerError(created) }
        return cluster
    }

    /// Creates an empty folder, which the server's user can write to.
    private static func makeEmpty() throws -> PostgreSQLCluster {
        // Not the folder for temporary files, whose path may be too long for a socket.
        var template = Array("/tmp/postgresql-XXXXXX\0".utf8CString.dropLast())
        guard mkdtemp(&template) != nil else { throw PostgreSQLServerError("mkdtemp failed: errno \(errno)") }
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        if geteuid() == 0, let user = getpwnam("postgres") { chown(path, user.pointee.pw_uid, user.pointee.pw_gid) }
        directories.withLock { _ = $0.insert(path) }
        return PostgreSQLCluster(directory: path)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: directory)
        Self.directories.withLock { _ = $0.remove(directory) }
    }

    // MARK: Programs

    /// The path of a program of PostgreSQL.
    static func program(_ name: String) -> String? {
        if name.hasPrefix("/") { return name }
        // Debian's command psql in PATH is a wrapper in Perl.
        let debian = "/usr/lib/postgresql/15/bin/\(name)"
        return FileManager.default.isExecutableFile(atPath: debian) ? debian : ChildProcess.path(of: name)
    }

    /// The command line of a program. PostgreSQL does not run as root, and its user may not be able to enter the
    /// current folder.
    func command(_ arguments: [String]) throws -> [String] {
        guard let path = Self.program(arguments[0]) else {
            throw PostgreSQLServerError("\(arguments[0]) not found: install PostgreSQL 15")
        }
        let command = [path] + arguments.dropFirst()
        guard geteuid() == 0, let setpriv = ChildProcess.path(of: "setpriv") else { return command }
        return [
            "/usr/bin/env", "--chdir=/", setpriv, "--reuid=postgres", "--regid=postgres", "--clear-groups",
            "--pdeathsig", "KILL", "--",
        ] + command
    }

    /// Runs a program and returns its output.
    func run(_ arguments: [String], input: String? = nil) async throws -> String {
        let log = directory + "/output-\(UInt64.random(in: 0 ... .max))"
        var command = try command(arguments)
        if let input { command = ["/bin/sh", "-c", "exec \"$@\" <\(input)", "sh"] + command }
        let child = try await ChildProcess.start(command, output: log)
        await child.end()
        defer { try? FileManager.default.removeItem(atPath: log) }
        return try String(contentsOfFile: log, encoding: .utf8)
    }

    // MARK: Processes

    /// The identifiers of the child processes of a process.
    static func children(of parent: pid_t) -> [pid_t] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { pid_t($0) }.filter { fields(of: $0)?[1] == "\(parent)" }
    }

    /// Whether a process runs.
    static func isAlive(_ id: pid_t) -> Bool {
        fields(of: id).map { $0[0] != "Z" } ?? false
    }

    /// The fields of `/proc/ID/stat` after the name: the state, the parent's identifier and others.
    private static func fields(of id: pid_t) -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        return text[end...].dropFirst().split(separator: " ")
    }
}
