import HTTPTypes
import NIOCore
import Repositories
struct CSVPiece { var bytes: ByteBuffer; var firstIndex: Int; var firstLine: Int; var rowCount: Int }
struct CSVSplitter {
    init(_ fields: FieldSet, options: CSVRowReader.Options, pieceRowCount: Int, pieceByteCount: Int) {}
    var dialect: CSVRowReader.Dialect? { nil }
    mutating func read(_ bytes: ByteBuffer) throws -> [CSVPiece] { [] }
    mutating func finish() throws -> [CSVPiece] { [] }
}
struct CSVRecords {
    func writeObject(_ index: Int, to buffer: inout ByteBuffer) {}
    func writeLine(_ index: Int, failure: (line: Int?, field: String?, message: String)? = nil, to buffer: inout ByteBuffer) {}
}
extension CSVFailedRow { static func writeColumns(_ names: [String], to buffer: inout ByteBuffer) {} }
extension CSVRowReader.Dialect { var names: [String] { [] } }
extension CSVSource { func records(of chunk: OperationChunk) throws -> CSVRecords { CSVRecords() } }
struct UploadDecoder {
    enum Format { case json, jsonLines, csv }
    struct Limits { var byteCount: Int; var unpackedByteCount: Int }
    init(_ request: HTTPRequest, limits: Limits) throws(BulkRefusal) {}
    var format: Format? { .json }
    var fileName: String? { nil }
    var formFields: [String: String] { [:] }
    mutating func read(_ bytes: ByteBuffer) throws -> [ByteBuffer] { [bytes] }
    mutating func finish() throws -> [ByteBuffer] { [] }
}
