import CPostgreSQLDirect
import Foundation

/// A connection through libpq, as a program uses it that knows its statements.
final class LibpqByHand {
    private let connection: OpaquePointer

    init(_ url: String) {
        guard let connection = PQconnectdb(url), PQstatus(connection) == CONNECTION_OK else {
            fatalError("no connection to PostgreSQL")
        }
        self.connection = connection
    }

    deinit { PQfinish(connection) }

    func run(_ text: String) { finish(PQexec(connection, text)) }

    func prepare(_ name: String, _ text: String) { finish(PQprepare(connection, name, text, 0, nil)) }

    /// Runs a prepared statement with parameters in the form of texts, and calls a closure with the result.
    func runPrepared(_ name: String, _ values: [String], _ body: (OpaquePointer) -> Void = { _ in }) {
        var pointers: [UnsafeMutablePointer<CChar>?] = values.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        let result = pointers.withUnsafeMutableBufferPointer { buffer in
            buffer.withMemoryRebound(to: UnsafePointer<CChar>?.self) {
                PQexecPrepared(connection, name, Int32(values.count), $0.baseAddress, nil, nil, 0)
            }
        }
        finish(result, body)
    }

    private func finish(_ result: OpaquePointer?, _ body: (OpaquePointer) -> Void = { _ in }) {
        let status = PQresultStatus(result)
        guard let result, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
            fatalError(String(cString: PQerrorMessage(connection)))
        }
        body(result)
        PQclear(result)
    }
}
