@echo off
rem SPDX-License-Identifier: ISC
rem Everything that only Windows can show, in one run and one file:
rem
rem   check.cmd        all of it; takes an administrator, and adds addresses to
rem                    the loopback interface while it runs
rem   check.cmd STEP   one step, for CI: each adds to the file; "verdict" ends it
rem
rem In the folder of multihomed.exe, mhprobe.exe, system.exe and diagnose.exe.
rem What it finds is in windows-check.txt there.  Nothing is sent anywhere.
setlocal
cd /d "%~dp0"
set "log=%~dp0windows-check.txt"
set "failed=%~dp0windows-check.failed"
set CK_FORK=no
set CK_VERBOSITY=verbose
set service=multihomed-check
set port=7008
set folder=%ProgramData%\multihomed-check
set loopback=Loopback Pseudo-Interface 1
set powershell=powershell -NoProfile -ExecutionPolicy Bypass -Command
if not "%~1"=="" goto one

rem Without addresses first: that hides less (tests/windows/socket.c).
del "%log%" "%failed%" 2>nul
if exist "%log%" goto unwritable
for %%s in (host system selftest addresses pairs diagnose service probe events uninstall clean) do call :step %%s
goto verdict

:one
if "%~1"=="verdict" goto verdict
call :step %~1
if exist "%failed%.last" exit /b 1
exit /b 0

:step
echo == %1
echo.>>"%log%"
echo == %1>>"%log%"
del "%failed%.last" 2>nul
call :%1 >>"%log%" 2>&1
if exist "%failed%.last" echo    FAILED
goto :eof

rem is NAME: the last command must have ended with 0.
:is
if "%ERRORLEVEL%"=="0" (
	echo ok: %*
) else (
	echo FAILED: %*
	>>"%failed%" echo %*
	>>"%failed%.last" echo %*
)
goto :eof

rem What this Windows is.
:host
ver
multihomed.exe --version
call :is the version
ipconfig /all
netsh interface ipv4 show excludedportrange protocol=udp
netsh interface ipv4 show interfaces
route print
%powershell% "Get-NetIPInterface | Format-Table ifIndex,InterfaceAlias,AddressFamily,WeakHostSend,WeakHostReceive,NlMtu -AutoSize"
goto :eof

rem The system's calls, and the library over them.
:system
system.exe
call :is system.exe
goto :eof

rem With the addresses that this host has.
:selftest
multihomed.exe --self-test
call :is the self-test
goto :eof

rem Two more of each family, so that one can ask the other.
:addresses
%powershell% "foreach ($a in '10.99.0.1','10.99.0.2') { New-NetIPAddress -InterfaceAlias '%loopback%' -IPAddress $a -PrefixLength 32 -PolicyStore ActiveStore }; foreach ($a in 'fd99::1','fd99::2') { New-NetIPAddress -InterfaceAlias '%loopback%' -IPAddress $a -PrefixLength 128 -PolicyStore ActiveStore }"
rem ipconfig shows nothing of the loopback interface.
netsh interface ipv4 show ipaddresses | findstr /c:"10.99.0.2" >nul || call :netsh_addresses
netsh interface ipv6 show addresses | findstr /c:"fd99::2" >nul || call :netsh_addresses
%powershell% "for ($i = 0; $i -lt 40; $i++) { $n = @(Get-NetIPAddress -AddressState Preferred | Where-Object { $_.IPAddress -match '^(10\.99\.0|fd99::)' }).Count; if ($n -ge 4) { exit 0 }; Start-Sleep -Milliseconds 250 }; exit 1"
call :is four more addresses
%powershell% "Get-NetIPAddress | Format-Table ifIndex,IPAddress,PrefixLength,AddressState -AutoSize"
goto :eof

:netsh_addresses
netsh interface ipv4 add address "%loopback%" 10.99.0.1 255.255.255.255 store=active
netsh interface ipv4 add address "%loopback%" 10.99.0.2 255.255.255.255 store=active
netsh interface ipv6 add address "%loopback%" fd99::1/128 store=active
netsh interface ipv6 add address "%loopback%" fd99::2/128 store=active
goto :eof

rem An address asks another: the proof that the source is heeded.
:pairs
set MH_REQUIRE_PAIRS=1
multihomed.exe --self-test
call :is the self-test with more addresses
system.exe
call :is system.exe with more addresses
goto :eof

rem What Windows refuses, and what it says of a datagram: for whoever reads it.
:diagnose
diagnose.exe
call :is diagnose.exe
goto :eof

rem In a folder that Local Service may read.
:service
mkdir "%folder%" 2>nul
copy /y multihomed.exe "%folder%" >nul
call :is a copy of multihomed.exe
icacls "%folder%" /grant *S-1-5-19:(OI)(CI)(RX)
"%folder%\multihomed.exe" --service install --service-name=%service% whoami=:%port%
call :is install
sc qc %service%
sc qprivs %service% | findstr SeChangeNotifyPrivilege
call :is no other privileges
rem Whatever language sc speaks: a restart, after 1000 ms.
(sc qfailure %service% & reg query HKLM\SYSTEM\CurrentControlSet\Services\%service% /v FailureActions) | findstr /i "RESTART 01000000E8030000"
call :is recovery is set
"%folder%\multihomed.exe" --service start --service-name=%service%
call :is start
sc queryex %service%
goto :eof

rem Each address of this host, asked from another.
:probe
mhprobe.exe -c 3 whoami 127.0.0.1:%port% [::1]:%port%
call :is loopback answers
mhprobe.exe -c 3 --local whoami %port%
call :is every address answers from itself
if exist ask.ps1 call :readme
goto :eof

rem The recipe of the README.
:readme
powershell -NoProfile -ExecutionPolicy Bypass -File ask.ps1 | findstr /b "asked"
call :is the recipe for PowerShell
goto :eof

rem A source that was made seconds ago may not be listed by its name yet.
:events
"%folder%\multihomed.exe" --service stop --service-name=%service%
call :is stop
%powershell% "for ($i = 0; $i -lt 5; $i++) { $e = @(Get-WinEvent -LogName Application -MaxEvents 200 | Where-Object { $_.ProviderName -eq '%service%' }); if (@($e | Where-Object { $_.Message -match 'whoami: listening on \[::\]:%port%' }).Count -gt 0) { break }; Start-Sleep 2 }; $e | Format-List TimeCreated,LevelDisplayName,Message,@{ n = 'Properties'; e = { $_.Properties.Value } }; exit [int](-not (@($e | Where-Object { $_.Message -match 'whoami: listening on \[::\]:%port%' }).Count -gt 0))"
call :is the Event Log has whole lines
rem The same in the foreground, should the service have failed.
if exist "%failed%" call :foreground
goto :eof

:foreground
sc queryex %service%
%powershell% "$p = Start-Process -PassThru -NoNewWindow .\multihomed.exe 'whoami=:%port%'; Start-Sleep 3; .\mhprobe.exe -c 1 whoami 127.0.0.1:%port%; Stop-Process $p"
goto :eof

:uninstall
"%folder%\multihomed.exe" --service uninstall --service-name=%service%
call :is uninstall
goto :eof

rem As it was before.
:clean
rmdir /s /q "%folder%"
%powershell% "Get-NetIPAddress -InterfaceAlias '%loopback%' | Where-Object { $_.IPAddress -match '^(10\.99\.0\.[12]|fd99::[12])$' } | Remove-NetIPAddress -Confirm:$false"
goto :eof

:verdict
rem Without it no step has run: what writes there is not even called.
if not exist "%log%" goto unwritable
if not exist "%failed%" (
	echo windows-check: all passed, see "%log%"
	echo == all passed>>"%log%"
	exit /b 0
)
echo windows-check: FAILED, see "%log%":
type "%failed%"
echo == failed>>"%log%"
type "%failed%">>"%log%"
exit /b 1

:unwritable
echo windows-check: FAILED, there is no new "%log%"
exit /b 1
