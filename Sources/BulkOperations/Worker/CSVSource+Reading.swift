import Repositories

extension CSVSource {
    /// Reads a chunk. Indexes and lines are those of the whole file.
    func read(
        _ chunk: OperationChunk, options: CSVRowReader.Options, _ fields: FieldSet
    ) throws -> CSVRowReader.Reading {
        fatalError()
    }
}
