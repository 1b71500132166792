import Foundation
import NIOCore
import Synchronization
public import Testing

/// A Redis server of one test, which ends with the test process at the latest.
///
/// It stores nothing on disk: killing it loses its data.
public final class RedisServer: Sendable {
    /// The comment of tests that are skipped without a server.
    public static let skipReason: Comment =
        "redis-server is not in PATH: `apt-get install redis-server` or `brew install redis`"

    /// Whether `redis-server` is installed.
    public static var isInstalled: Bool { ChildProcess.path(of: "redis-server") != nil }

    /// The port on 127.0.0.1, which a restart keeps.
    public let port: Int

    /// The URL of the server's first database.
    public var url: String { "redis://127.0.0.1:\(port)/0" }

    /// The path of the Unix domain socket of the server.
    public var unixSocketPath: String { directory + "/socket" }

    private let arguments: [String]
    private let directory: String
    private let process = Mutex<ChildProcess?>(nil)

    private init(port: Int, arguments: [String]) throws {
        // Not the folder for temporary files, whose path may be too long for a socket.
        var template = Array("/tmp/redis-XXXXXX\0".utf8CString.dropLast())
        guard mkdtemp(&template) != nil else { throw RedisServerError("mkdtemp failed: errno \(errno)") }
        self.directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.port = port
        self.arguments = arguments
    }

    deinit {
        process.withLock { $0?.signal(SIGKILL) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Starts a server and waits until it replies.
    ///
    /// - Parameters:
    ///   - arguments: Further arguments of the command, such as `["--maxmemory", "1mb"]`.
    ///   - port: The port, or `nil` for a free one.
    /// - Returns: The server.
    /// - Throws: `RedisServerError` with the output of the server if it does not start.
    public static func start(arguments: [String] = [], port: Int? = nil) async throws -> RedisServer {
        for _ in 0..<20 {
            // Below the ephemeral ports: the system could assign this one to a client while the server
            // is down, or connect a connecting client to itself.
            let server = try RedisServer(port: port ?? .random(in: 20_000..<32_768), arguments: arguments)
            do {
                try await server.launch()
                return server
            } catch let error as RedisServerError where port == nil && error.isPortTaken {
                continue
            }
        }
        throw RedisServerError("20 ports are in use")
    }

    /// Kills the server like a crash and waits until it has exited.
    public func kill() async {
        let child = process.withLock { $0 }
        child?.signal(SIGKILL)
        await child?.end()
    }

    /// Replaces the server by an empty one with the same arguments and port.
    ///
    /// - Throws: `RedisServerError` if it does not start.
    public func restart() async throws {
        await kill()
        try await launch()
    }

    /// Pauses the server: it accepts connections and reads nothing until it is resumed.
    public func pause() { process.withLock { $0 }?.pause() }

    /// Resumes a paused server.
    public func resume() { process.withLock { $0 }?.signal(SIGCONT) }

    /// Stops the server and removes its files.
    public func stop() async {
        await kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Sends a command on a new connection, after the password if the server's arguments have one.
    ///
    /// - Parameter arguments: The command and its arguments.
    /// - Returns: The unparsed reply, such as `"+PONG\r\n"`.
    /// - Throws: `RedisServerError` for an incomplete reply, or the error of a failed connection.
    public func command(_ arguments: String...) async throws -> String {
        let password = self.arguments.firstIndex(of: "--requirepass").map { self.arguments[$0 + 1] }
        let greeting = password.map { [["AUTH", $0]] } ?? []
        // A reply to QUIT follows the replies to all earlier commands, so they need not be parsed.
        let commands = (greeting + [arguments, ["QUIT"]]).map(Self.encoded).joined()
        var reply = try await RawConnection.open(to: SocketAddress(unixDomainSocketPath: unixSocketPath)) {
            try await $0.send(commands)
            return await $0.rest()
        }
        let accepted = "+OK\r\n"
        guard reply.hasSuffix(accepted) else { throw RedisServerError("no reply to \(arguments): \(reply)") }
        reply.removeLast(accepted.count)
        if password != nil, reply.hasPrefix(accepted) { reply.removeFirst(accepted.count) }
        return reply
    }

    private static func encoded(_ command: [String]) -> String {
        "*\(command.count)\r\n" + command.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }

    private func launch() async throws {
        guard let executable = ChildProcess.path(of: "redis-server") else {
            throw RedisServerError(Self.skipReason.rawValue)
        }
        let log = directory + "/log"
        let child = try await ChildProcess.start(
            [
                executable, "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", unixSocketPath,
                "--dir", directory, "--save", "", "--appendonly", "no", "--loglevel", "warning",
            ] + arguments, output: log)
        process.withLock { $0 = child }
        // Only a reply shows that the server is ready. The command is sent through its own socket, since
        // another server may have the port.
        let deadline = ContinuousClock.now + .seconds(20)
        while !child.hasEnded, ContinuousClock.now < deadline {
            if (try? await command("PING")) != nil { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        child.signal(SIGKILL)
        throw RedisServerError((try? String(contentsOfFile: log, encoding: .utf8)) ?? "the server does not start")
    }
}
