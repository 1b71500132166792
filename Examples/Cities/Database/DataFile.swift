import Foundation

/// One of the CSV files that come with the application.
struct DataFile {
    /// A file differs from what the application expects.
    enum Failure: Error, CustomStringConvertible {
        case missing(String)
        case columns(file: String, expected: [String], found: [String])
        case fieldCount(file: String, record: [String])

        var description: String {
            switch self {
            case .missing(let file):
                "the application's data file \(file) is missing"
            case .columns(let file, let expected, let found):
                "\(file).csv has the columns \(found), expected \(expected)"
            case .fieldCount(let file, let record):
                "\(file).csv has a record with \(record.count) fields, expected one for each column: \(record)"
            }
        }
    }

    /// The records without the header line; each has one field for each column.
    let records: [[String]]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - name: The name of the file without its extension.
    ///   - columns: The expected columns in order.
    /// - Throws: ``Failure``, ``CSVReader/Failure``, or the error of reading the file.
    init(named name: String, columns: [String]) throws {
        var reader = CSVReader(try Self.contents(of: name, "csv"))
        let header = try reader.next() ?? []
        guard header == columns else { throw Failure.columns(file: name, expected: columns, found: header) }
        var records: [[String]] = []
        while let record = try reader.next() {
            guard record.count == columns.count else { throw Failure.fieldCount(file: name, record: record) }
            records.append(record)
        }
        self.records = records
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
