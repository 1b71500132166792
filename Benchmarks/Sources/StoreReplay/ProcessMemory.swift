import Foundation

/// What the system says of the memory of this process.
enum ProcessMemory {
    /// The resident memory, in bytes.
    static var resident: Int { value("VmRSS") }
    /// The most that was ever resident, in bytes.
    static var peak: Int { value("VmHWM") }

    private static func value(_ name: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
            return (Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]) ?? 0) << 10
        }
        return 0
    }
}
