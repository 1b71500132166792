import ConcurrencySupport
import NIOCore
import Repositories

extension CSVSource {
    /// Reads a chunk. Indexes and lines are those of the whole file.
    ///
    /// - Throws: `CSVError` for bytes that the upload has not accepted.
    func read(
        _ chunk: OperationChunk, options: CSVRowReader.Options, _ fields: FieldSet
    ) throws(CSVError) -> CSVRowReader.Reading? {
        var options = options
        // All rows of the chunk in one reading.
        options.batchRowCount = .max
        options.batchByteCount = .max
        var reader = try CSVRowReader(
            fields, options: options, dialect: dialect, firstIndex: chunk.firstIndex, firstLine: chunk.firstLine)
        var bytes = chunk.bytes
        while let window = bytes.readSlice(length: min(bytes.readableBytes, 32 << 10)), window.readableBytes > 0 {
            if let reading = try reader.read(window).first { return reading }
            yieldThread()
        }
        return try reader.finish()
    }

    /// Returns the rows of a chunk as they were sent.
    func records(of chunk: OperationChunk) -> CSVRecords {
        var options = CSVRowReader.Options()
        parameters.apply(to: &options)
        return CSVRecords(chunk.piece, dialect: dialect, options: options)
    }
}

extension OperationChunk {
    /// The chunk as a part of a file of CSV.
    fileprivate var piece: CSVPiece {
        CSVPiece(bytes: bytes, firstIndex: firstIndex, firstLine: firstLine, rowCount: itemCount)
    }
}
