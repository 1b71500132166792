import Foundation

/// Sends requests of growing size through a whole pipeline, one part of a request at a time, while callgrind counts instructions:
///
/// ```
/// RequestGrowth memory|redis|tiered safe|every SIZE URL [PART]
/// ```
///
/// `Scripts/request-growth.sh` runs it. Each shape of a part is measured at SIZE, 2 SIZE and 9 SIZE, so that the differences are those
/// of SIZE and 8 SIZE. For each measurement ``measureOneRun()`` runs once and a line is printed.
@main
struct RequestGrowth {
    // Synchronous, because callgrind does not follow an asynchronous entry.
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 4, let kind = Stack.StoreKind(rawValue: arguments[0]),
            let key = Stack.keys[arguments[1]], let size = Int(arguments[2]), size > 0
        else {
            print("usage: RequestGrowth memory|redis|tiered safe|every SIZE URL [PART]")
            exit(2)
        }
        let filter = arguments.count > 4 ? arguments[4] : ""
        let stack = waiting { try await Stack(kind, key: key, url: arguments[3]) }
        let shapes = Shape.all.filter { shape in
            (kind == .memory || !shape.isVariation)
                && (filter.isEmpty || "\(shape.part): \(shape.name)".contains(filter))
        }
        for shape in shapes {
            // Once without counting, so that lazily created values exist.
            let small = shape.load(size / 2)
            waiting { try await stack.prepare(for: small) }
            _ = waiting { try await stack.send(small) }
            for size in [size, 2 * size, 9 * size] {
                let load = shape.load(size)
                waiting { try await stack.prepare(for: load) }
                let outcome = measured { try await stack.send(load) }
                print("\(shape.part)|\(shape.name)|\(size)|\(outcome)")
                fflush(nil)
            }
        }
        waiting { await stack.end() }
    }
}
