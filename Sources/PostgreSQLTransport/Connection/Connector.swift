#if PostgreSQL
import CPostgreSQL
import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Opens connections.
struct Connector: Sendable {
    let parameters: ConnectionParameters
    let timeout: Duration

    /// Connects on a thread of its own, because resolving host names blocks.
    ///
    /// - Parameter completion: Receives the connection in non-blocking mode, on the thread.
    func connect(_ completion: @escaping @Sendable (Result<LibpqConnection, PostgreSQLError>) -> Void) {
        let started = DedicatedThread.start { completion(self.connected()) }
        if !started { completion(.failure(PostgreSQLError(.unavailable, "no thread for connecting"))) }
    }

    private func connected() -> Result<LibpqConnection, PostgreSQLError> {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let pointer = parameters.withPointers { PQconnectStartParams($0, $1, 0) }
        guard let pointer else { return .failure(PostgreSQLError(.unavailable, "no memory for a connection")) }
        do throws(PostgreSQLError) {
            // The verbose form of errors has the server's code, which libpq does not expose here.
            PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
            PQsetNoticeReceiver(pointer, { _, _ in }, nil)
            try wait(for: pointer, until: deadline)
            guard PQsetnonblocking(pointer, 1) == 0 else { throw Self.failure(of: pointer) }
            PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
            return .success(LibpqConnection(pointer))
        } catch {
            PQfinish(pointer)
            return .failure(error)
        }
    }

    private func wait(for pointer: OpaquePointer, until deadline: NIODeadline) throws(PostgreSQLError) {
        guard PQstatus(pointer) != CONNECTION_BAD else { throw Self.failure(of: pointer) }
        var events = Int16(POLLOUT)
        while true {
            // The socket can change with each attempt of libpq.
            var descriptor = pollfd(fd: PQsocket(pointer), events: events, revents: 0)
            let remaining = (deadline - .now()).nanoseconds
            guard remaining > 0 else {
                throw PostgreSQLError(
                    .timeout, "no connection to \(parameters.host), port \(parameters.port), within \(timeout)")
            }
            let count = poll(&descriptor, 1, Int32(clamping: remaining / 1_000_000 + 1))
            guard count > 0 else { continue }
            switch PQconnectPoll(pointer) {
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            case PGRES_POLLING_OK: return
            default: throw Self.failure(of: pointer)
            }
        }
    }

    /// The error of a connection that was not opened.
    private static func failure(of pointer: OpaquePointer) -> PostgreSQLError {
        let text = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n")
        for line in lines.reversed() {
            guard let (code, message) = codeAndMessage(of: line) else { continue }
            let kind: PostgreSQLError.Kind =
                switch code.prefix(2) {
                case "08", "53", "57", "58": .unavailable
                default: .refused
                }
            return PostgreSQLError(kind, String(message), sqlState: String(code))
        }
        // TLS that was interrupted is like any other connection that was lost.
        let isInterrupted = ["SYSCALL", "negotiation", "closed unexpectedly"].contains { text.contains($0) }
        let isRefused =
            PQconnectionNeedsPassword(pointer) == 1 || text.contains("certificate")
            || (text.contains("SSL") && !isInterrupted)
        return PostgreSQLError(
            isRefused ? .refused : .unavailable,
            lines.last { !$0.hasPrefix("\t") }.map(String.init) ?? "connection failed")
    }

    /// Splits `FATAL:  28P01: password authentication failed for user "x"`. The severity may be in the server's language.
    private static func codeAndMessage(of line: Substring) -> (Substring, Substring)? {
        var rest = line
        while !rest.isEmpty {
            rest = rest.drop { $0 != ":" }.dropFirst()
            let candidate = rest.drop { $0 == " " }
            let code = candidate.prefix(5)
            // Every code has a digit, unlike the severity.
            let isCode =
                code.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) } && code.contains(where: \.isNumber)
            if code.utf8.count == 5, isCode, candidate.dropFirst(5).hasPrefix(": ") {
                return (code, candidate.dropFirst(7))
            }
        }
        return nil
    }
}

/// The owner of a connection of libpq. Its user serializes the calls.
final class LibpqConnection: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQfinish(pointer)
    }
}
#endif
