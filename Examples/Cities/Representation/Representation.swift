/// Something that can be answered in every format on offer.
protocol Representation: Encodable, Sendable {
    /// The names of the columns as CSV.
    static var csvHeader: [String] { get }

    /// The rows as CSV, each with one field for each column.
    var csvRows: [[String]] { get }
}
