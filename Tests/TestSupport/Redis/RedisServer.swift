import Foundation
import NIOCore
import Synchronization
public import Testing

/// A Redis server of a test's own, which ends with the test process if nothing else ends it.
///
/// It keeps nothing on disk: what it held is gone when it was killed.
public final class RedisServer: Sendable {
    /// What to say of tests that are skipped for want of a server.
    public static let skipReason: Comment =
        "redis-server is not in PATH: `apt-get install redis-server` or `brew install redis`"

    /// Whether there is a `redis-server` to start.
    public static var isInstalled: Bool { ChildProcess.path(of: "redis-server") != nil }

    /// The port on 127.0.0.1, which stays the same when the server is restarted.
    public let port: Int

    /// The URL of the server's first database.
    public var url: String { "redis://127.0.0.1:\(port)/0" }

    /// The path of the socket on which the server answers too.
    public var unixSocketPath: String { directory + "/socket" }

    private let arguments: [String]
    private let directory: String
    private let process = Mutex<ChildProcess?>(nil)

    private init(port: Int, arguments: [String]) throws {
        // Not the folder for temporary files, whose name may be too long for the path of a socket.
        var template = Array("/tmp/redis-XXXXXX\0".utf8CString.dropLast())
        guard mkdtemp(&template) != nil else { throw RedisServerError("no folder in /tmp: errno \(errno)") }
        self.directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.port = port
        self.arguments = arguments
    }

    deinit {
        process.withLock { $0?.signal(SIGKILL) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - arguments: What to add to the command, such as `["--maxmemory", "1mb"]`.
    ///   - port: The port, or `nil` for one that is free.
    /// - Returns: The server.
    /// - Throws: `RedisServerError` with what the server had to say when it does not start.
    public static func start(arguments: [String] = [], port: Int? = nil) async throws -> RedisServer {
        for _ in 0..<20 {
            // Below the ports that the system gives away by itself: it could give this one to a client while the server
            // is down, or connect a client that tries to reach it to itself.
            let server = try RedisServer(port: port ?? .random(in: 20_000..<32_768), arguments: arguments)
            do {
                try await server.launch()
                return server
            } catch let error as RedisServerError where port == nil && error.isPortTaken {
                continue
            }
        }
        throw RedisServerError("20 ports are taken")
    }

    /// Ends the server as a crash does, and waits until it is gone.
    public func kill() async {
        let child = process.withLock { $0 }
        child?.signal(SIGKILL)
        await child?.end()
    }

    /// Starts an empty server with the same arguments on the same port, in place of the one there is.
    ///
    /// - Throws: `RedisServerError` when it does not start.
    public func restart() async throws {
        await kill()
        try await launch()
    }

    /// Stops the server in its tracks: it accepts connections and reads nothing until it is resumed.
    public func pause() { process.withLock { $0 }?.pause() }

    /// Lets a server go on that was paused.
    public func resume() { process.withLock { $0 }?.signal(SIGCONT) }

    /// Ends the server for good and removes what it left.
    public func stop() async {
        await kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Sends a command on a connection of its own, after the password if the arguments of the server have one.
    ///
    /// - Parameter arguments: The command and its arguments.
    /// - Returns: The reply as it came: `"+PONG\r\n"`.
    /// - Throws: `RedisServerError` when there is no whole reply, and the error of a connection that fails.
    public func command(_ arguments: String...) async throws -> String {
        let password = self.arguments.firstIndex(of: "--requirepass").map { self.arguments[$0 + 1] }
        let greeting = password.map { [["AUTH", $0]] } ?? []
        // Who has replied to QUIT has replied to all that came before, so that there is no need to read the replies.
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
        // Nothing but the answer of the server tells that it answers. It is asked on its own socket, for it may be
        // another one that has the port.
        let deadline = ContinuousClock.now + .seconds(20)
        while !child.hasEnded, ContinuousClock.now < deadline {
            if (try? await command("PING")) != nil { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        child.signal(SIGKILL)
        throw RedisServerError((try? String(contentsOfFile: log, encoding: .utf8)) ?? "the server does not start")
    }
}
