"use strict"

const element = id => document.getElementById(id)
const grouped = number => Number(number ?? 0).toLocaleString("en")
// The operation that the page shows, and what stops following it.
let shown = null
let following = null

const authorization = () => ({ Authorization: `Bearer ${element("token").value}` })

// Sends a request, and throws the server's explanation of a refusal.
async function send(target, options = {}) {
    const headers = { Accept: "application/json", ...authorization(), ...options.headers }
    const response = await fetch(target, { cache: "no-store", ...options, headers })
    if (response.ok) return response
    throw Object.assign(new Error(explanation(response.status, await response.text())), { status: response.status })
}

function explanation(status, text) {
    try {
        const body = JSON.parse(text)
        return body.detail ?? Object.entries(body).map(([field, problems]) => `${field}: ${[problems].flat().join(" ")}`).join(" ")
    } catch {
        return `The server responded with the status ${status}.`
    }
}

// The media type and the content coding of a file, by its name.
function headersOf(file) {
    const isPacked = /\.gz$/i.test(file.name)
    const name = file.name.replace(/\.gz$/i, "")
    const type = /\.json$/i.test(name) ? "application/json" : /\.(jsonl|ndjson)$/i.test(name) ? "application/jsonl" : "text/csv"
    return isPacked ? { "Content-Type": type, "Content-Encoding": "gzip" } : { "Content-Type": type }
}

// --- Uploading. XMLHttpRequest reports how much was sent; fetch does not.

function upload(file) {
    const isUpsert = document.querySelector("[name=kind]:checked").value === "upsert"
    const parameters = new URLSearchParams()
    if (isUpsert) parameters.set("unique_fields", "id")
    if (element("dry").checked) parameters.set("dry_run", "true")
    if (element("ignore").checked) parameters.set("unknown", "ignore")
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest()
        request.open(isUpsert ? "PATCH" : "POST", `/cities/operations?${parameters}`)
        const headers = { Accept: "application/json", ...authorization(), ...headersOf(file) }
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
        request.upload.onprogress = event => {
            if (event.lengthComputable) show(100 * event.loaded / event.total, "Uploading", `${grouped(event.loaded)} bytes`)
        }
        request.onload = () => {
            if (request.status === 202) resolve(JSON.parse(request.responseText))
            else reject(new Error(explanation(request.status, request.responseText)))
        }
        request.onerror = () => reject(new Error("The connection broke off."))
        element("cancel").onclick = () => request.abort()
        request.onabort = () => reject(new Error("The upload was cancelled. No operation was started."))
        request.send(file)
    })
}

async function start(file) {
    following?.abort()
    following = null
    shown = null
    element("problem").textContent = ""
    element("operation").hidden = false
    element("failures").hidden = true
    element("counts").replaceChildren()
    element("title").textContent = file.name
    element("cancel").hidden = false
    element("start").disabled = true
    try {
        show(0, "Uploading", "")
        const { task_id } = await upload(file)
        await follow(task_id, file.name)
    } catch (error) {
        element("operation").hidden = shown === null
        element("problem").textContent = error.message
    }
    element("start").disabled = false
}

// --- Following. EventSource sends no credentials of its own, so the stream is read with fetch.

async function follow(id, title = id) {
    following?.abort()
    const control = following = new AbortController()
    shown = id
    element("operation").hidden = false
    element("failures").hidden = true
    element("title").textContent = title
    element("cancel").onclick = cancel
    let last = 0
    while (!control.signal.aborted) {
        try {
            const response = await send(`/operations/${id}/status`, {
                headers: { Accept: "text/event-stream", "Last-Event-ID": `${last}` }, signal: control.signal
            })
            for await (const event of events(response)) {
                last = event.id
                update(event.data)
                if (event.name === "end") return await ended(event.data)
            }
        } catch (error) {
            if (control.signal.aborted) return
            // A server that stops or restarts has no status, or one of 5xx.
            if (error.status < 500) throw error
            element("detail").textContent = `Reconnecting: ${error.message}`
        }
        await new Promise(resolve => setTimeout(resolve, 1000))
    }
}

async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    for (;;) {
        const { value, done } = await reader.read()
        if (done) return
        const parts = (text + value).split("\n\n")
        text = parts.pop()
        for (const part of parts) {
            const event = { name: "message", id: 0, data: null }
            for (const line of part.split("\n")) {
                if (line.startsWith("event: ")) event.name = line.slice(7)
                if (line.startsWith("id: ")) event.id = Number(line.slice(4))
                if (line.startsWith("data: ")) event.data = JSON.parse(line.slice(6))
            }
            if (event.data) yield event
        }
    }
}

function show(percentage, state, detail) {
    element("progress").value = percentage
    element("percentage").textContent = `${percentage.toFixed(percentage < 100 ? 1 : 0)} %`
    element("state").textContent = state
    element("detail").textContent = detail
}

const states = {
    pending: "Waiting", in_progress: "Running", retrying: "Retrying", cancelling: "Cancelling", completed: "Completed",
    failed: "Failed", cancelled: "Cancelled"
}

function update(status) {
    const { current, total, percentage, rate, remaining_seconds } = status.progress
    let detail = `${grouped(current)} of ${grouped(total)} rows`
    if (rate) detail += `, ${grouped(Math.round(rate))} a second`
    if (remaining_seconds !== undefined) detail += `, ${remaining_seconds.toFixed(1)} s left`
    show(percentage, states[status.status] ?? status.status, detail)
    element("cancel").hidden = !status.cancellable
}

async function ended(status) {
    const result = status.result
    const rows = [["created", "Created"], ["updated", "Updated"], ["unchanged", "Unchanged"], ["deleted", "Deleted"],
        ["error", "Failed"], ["unprocessed", "Not processed"]]
    element("counts").replaceChildren()
    for (const [name, title] of rows) {
        const count = result[`${name}_count`]
        if (count === undefined) continue
        const row = element("counts").insertRow()
        row.insertCell().textContent = title
        row.insertCell().textContent = grouped(count)
    }
    element("failures").hidden = !result.error_count
    element("errors").replaceChildren()
    for (const failure of result.errors ?? []) {
        const row = element("errors").insertRow()
        const fields = Object.entries(failure.error)
        for (const text of [failure.line ?? failure.index + 1, fields.map(([field]) => field).join(", "),
            fields.map(([, problems]) => problems.join(" ")).join(" "), JSON.stringify(failure.data)]) {
            row.insertCell().textContent = text
        }
    }
    await list().catch(() => {})
}

// --- Buttons

async function cancel() {
    element("cancel").hidden = true
    try {
        await send(`/operations/${shown}/status`, { method: "DELETE" })
    } catch (error) {
        element("problem").textContent = error.message
    }
}

async function download() {
    try {
        const target = `/operations/${shown}/results?outcome=failed`
        const response = await send(target, { headers: { Accept: "text/csv, application/jsonl;q=0.5" } })
        const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "failed.csv"
        const link = document.createElement("a")
        link.href = URL.createObjectURL(await response.blob())
        link.download = name
        link.click()
        URL.revokeObjectURL(link.href)
    } catch (error) {
        element("problem").textContent = error.message
    }
}

async function list() {
    const { results } = await (await send("/operations?page_size=10")).json().catch(() => ({ results: [] }))
    element("list").replaceChildren()
    for (const operation of results) {
        const row = element("list").insertRow()
        const texts = [operation.operation_type.replace("async_", ""), states[operation.status] ?? operation.status,
            grouped(operation.success_count), grouped(operation.error_count)]
        for (const text of texts) row.insertCell().textContent = text
        const button = document.createElement("button")
        button.textContent = "Show"
        button.onclick = () => follow(operation.task_id).catch(error => { element("problem").textContent = error.message })
        row.insertCell().append(button)
    }
}

element("form").onsubmit = event => {
    event.preventDefault()
    const file = element("file").files[0]
    if (file) start(file)
    else element("problem").textContent = "Choose a file first."
}
const drop = element("drop")
for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, event => {
        event.preventDefault()
        drop.classList.add("over")
    })
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"))
drop.addEventListener("drop", event => {
    event.preventDefault()
    drop.classList.remove("over")
    if (event.dataTransfer.files.length) element("file").files = event.dataTransfer.files
})
element("download").onclick = download
element("token").onchange = () => list().catch(() => element("list").replaceChildren())
list().catch(() => {})
