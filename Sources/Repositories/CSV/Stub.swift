
extension CSVRowReader {
    public struct Dialect: Codable, Sendable, Hashable {}
}
