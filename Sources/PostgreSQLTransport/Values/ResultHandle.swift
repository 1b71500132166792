#if PostgreSQL
import CPostgreSQL

/// The owner of a result of libpq, which is immutable.
final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    /// The status.
    var status: ExecStatusType { PQresultStatus(pointer) }

    /// A field of an error.
    func field(_ code: Character) -> String? {
        PQresultErrorField(pointer, Int32(code.asciiValue!)).map { String(cString: $0) }
    }
}
#endif
