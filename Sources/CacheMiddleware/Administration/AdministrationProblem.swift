import HTTPTypes

/// Why a request for the administration of a cache was not carried out.
struct AdministrationProblem: Error {
    let status: HTTPResponse.Status
    let detail: String

    init(_ status: HTTPResponse.Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }
}
