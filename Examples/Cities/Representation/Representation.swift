/// A value that can be represented in every offered format.
protocol Representation: Encodable, Sendable {
    /// The names of the CSV columns.
    static var csvHeader: [String] { get }

    /// The CSV rows, with one field for each column.
    var csvRows: [[String]] { get }
}
