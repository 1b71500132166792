import Foundation

/// The memory of this process as reported by the system.
enum ProcessMemory {
    /// The resident memory in bytes.
    static var resident: Int { value("VmRSS") }
    /// The peak resident memory in bytes.
    static var peak: Int { value("VmHWM") }

    private static func value(_ name: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
            return (Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]) ?? 0) << 10
        }
        return 0
    }
}
