import Foundation
import NIOCore
import Repositories

/// The rates at which a file of cities is split into pieces of rows, and read into typed rows, on one core.
struct CSVRates {
    private static let fields = FieldSet(
        "cities", Field.integer("id").key(), Field.text("name", 1...200), Field.text("country_code", 2...2),
        Field.text("admin1_code", 0...20).optional(), Field.integer("population", 0...2_000_000_000),
        Field.number("latitude", -90...90), Field.number("longitude", -180...180), Field.text("timezone", 1...64))
    private static let chunkByteCount = 64 << 10

    private let options = {
        var options = CSVRowReader.Options()
        options.readsKey = true
        return options
    }()

    /// Prints the medians of rounds.
    func run(rounds: Int) throws {
        let chunks = Self.chunks()
        let byteCount = chunks.reduce(0) { $0 + $1.readableBytes }
        var times: (split: [Double], read: [Double]) = ([], [])
        for _ in 0..<rounds {
            times.split.append(try Self.processorTime { try split(chunks) })
            times.read.append(try Self.processorTime { try read(chunks) })
        }
        for (name, times) in [("split into pieces of rows", times.split), ("read into typed rows", times.read)] {
            let rate = Double(byteCount) / times.sorted()[times.count / 2] / 1_000_000
            print("csv \(name): \(Int(rate)) MB/s (median of \(rounds) rounds, \(byteCount / 1_000_000) MB)")
        }
    }

    private func split(_ chunks: [ByteBuffer]) throws {
        var splitter = CSVSplitter(Self.fields, options: options, pieceRowCount: 5000, pieceByteCount: 4 << 20)
        var rowCount = 0
        for chunk in chunks { rowCount += try splitter.read(chunk).reduce(0) { $0 + $1.rowCount } }
        rowCount += try splitter.finish().reduce(0) { $0 + $1.rowCount }
        precondition(rowCount == Self.rowCount, "all rows are in pieces")
    }

    private func read(_ chunks: [ByteBuffer]) throws {
        var reader = CSVRowReader(Self.fields, options: options)
        var rowCount = 0
        for chunk in chunks { rowCount += try reader.read(chunk).reduce(0) { $0 + $1.rows.rowCount } }
        rowCount += try reader.finish()?.rows.rowCount ?? 0
        precondition(rowCount == Self.rowCount, "all rows are valid")
    }

    private static let rowCount = 320_000

    /// Returns a file with the lengths of GeoNames' cities.
    private static func chunks() -> [ByteBuffer] {
        let names = ["Takht-e Qeyşar", "Seyyed Nūr", "Sankt Märgen", "Aixirivall", "\"Washington, D.C.\"", "Kyoto"]
        var text = "id,name,country_code,admin1_code,population,latitude,longitude,timezone\n"
        for index in 0..<rowCount {
            let latitude = Double(index % 18_000_000 * 7919 % 18_000_000 - 9_000_000) / 100_000
            text += "\(index + 12),\(names[index % names.count]),IR,15,\(index * 104_729 % 1_000_000),"
            text += "\(latitude),\(latitude * 2),Asia/Tehran\n"
        }
        var rest = ByteBuffer(string: text)
        var chunks: [ByteBuffer] = []
        while let chunk = rest.readSlice(length: min(chunkByteCount, max(rest.readableBytes, 1))) {
            chunks.append(chunk)
        }
        return chunks
    }

    private static func processorTime(_ operation: () throws -> Void) rethrows -> Double {
        let start = processorTime
        try operation()
        return processorTime - start
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
