import Foundation
import NIOCore
import Repositories

/// One of the CSV files that come with the application.
struct DataFile {
    /// A file differs from what the application expects.
    enum Failure: Error, CustomStringConvertible {
        case missing(String)
        case invalid(file: String, CSVProblem)

        var description: String {
            switch self {
            case .missing(let file): "the application's data file \(file) is missing"
            case .invalid(let file, let problem): "\(file).csv, \(problem)"
            }
        }
    }

    /// The records without the header; each has one text for each column.
    let records: [[String]]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - name: The name of the file without its extension.
    ///   - columns: The expected columns.
    /// - Throws: ``Failure``, `CSVError`, or the error of reading the file.
    init(named name: String, columns: [String]) throws {
        let fields = columns.enumerated().map { index, name in
            let field = Field.text(name)
            return (index == 0 ? field.key(writtenByClients: true) : field).description
        }
        var options = CSVRowReader.Options()
        options.emptyCells = .text
        var reader = CSVRowReader(FieldSet("records", fields: fields), options: options)
        var readings = try reader.read(ByteBuffer(bytes: try Self.contents(of: name, "csv")))
        if let last = try reader.finish() { readings.append(last) }
        if let problem = readings.lazy.flatMap(\.failures).flatMap(\.problems).first {
            throw Failure.invalid(file: name, problem)
        }
        records = readings.map(\.rows).flatMap { rows in
            (0..<rows.rowCount).map { row in columns.indices.map { rows.text(of: rows[row, $0]) ?? "" } }
        }
    }

    /// Returns the bytes of a file that comes with the application.
    ///
    /// - Throws: ``Failure``, or the error of reading the file.
    static func contents(of name: String, _ type: String) throws -> [UInt8] {
        guard let url = Bundle.module.url(forResource: name, withExtension: type, subdirectory: "Data") else {
            throw Failure.missing("\(name).\(type)")
        }
        return [UInt8](try Data(contentsOf: url))
    }
}
